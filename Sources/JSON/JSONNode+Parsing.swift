extension JSONNode {
    /// Reads one JSON text and nothing after it.
    ///
    /// Refuses what RFC 8259 leaves open: duplicate keys, lone surrogates, invalid UTF-8 and more than
    /// ``JSONValue/maximumTextDepth`` levels.
    package static func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONNode {
        let read = bytes.withUnsafeBytes { bytes in
            Result { () throws(JSONError) in
                var parser = JSONParser(bytes: bytes)
                try parser.read()
                return (tokens: parser.tokens, depth: parser.deepest)
            }
        }
        let (tokens, depth) = try read.get()
        return JSONNode(tape: JSONTape(bytes: bytes, tokens: tokens, depth: depth), place: 0)
    }

    package static func parse(_ text: String) throws(JSONError) -> JSONNode { try parse(Array(text.utf8)) }
}

extension JSONValue {
    /// The most levels of arrays and objects in each other that a value may have which is kept.
    package static let maximumDepth = 64
    /// The most levels of a text that is read: those of a kept value, and those of what carries it (a batch, a request,
    /// its parameters; a reply, a page, a job).
    package static let maximumTextDepth = maximumDepth + 8

    /// Reads one JSON text, as `JSONNode.parse` does.
    package static func parse(_ bytes: some Sequence<UInt8>) throws(JSONError) -> JSONValue {
        JSONValue(try JSONNode.parse(Array(bytes)))
    }

    package static func parse(_ text: String) throws(JSONError) -> JSONValue { JSONValue(try JSONNode.parse(text)) }

    /// A value of a text, with all that it contains.
    package init(_ node: JSONNode) {
        var place = node.place
        self = node.tape.bytes.withUnsafeBytes { node.tape.value(at: &place, in: $0) }
    }
}

extension JSONTape {
    /// The value at a place, which moves behind it.
    fileprivate func value(at place: inout Int, in bytes: UnsafeRawBufferPointer) -> JSONValue {
        let token = tokens[place]
        place += 1
        switch token.kind {
        case .null: return .null
        case .no: return .bool(false)
        case .yes: return .bool(true)
        case .number: return .number(bytes.source(of: token))
        case .string: return .string(bytes.string(of: token))
        case .array:
            var elements: [JSONValue] = []
            while place < token.next { elements.append(value(at: &place, in: bytes)) }
            return .array(elements)
        case .object:
            var members: [JSONObject.Member] = []
            while place < token.next {
                let key = bytes.string(of: tokens[place])
                place += 1
                members.append(JSONObject.Member(key: key, value: value(at: &place, in: bytes)))
            }
            return .object(JSONObject(unique: members))
        }
    }
}
