/// A recursive-descent reader over bytes that outlive it, which lists what it finds.
struct JSONParser {
    private let bytes: UnsafeRawBufferPointer
    private var index = 0
    /// The values that were found, each before those that it contains.
    private(set) var tokens: [JSONToken] = []
    /// The most arrays and objects that were in each other.
    private(set) var deepest = 0
    /// Where the last space or escape ended: what begins behind it has none.
    private var looseEnd = 0

    init(bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    mutating func read() throws(JSONError) {
        guard bytes.count <= UInt32.max else { throw error(.tooLong) }
        // As many as most requests have.
        tokens.reserveCapacity(32)
        try value(depth: 0)
        skipSpace()
        guard index == bytes.count else { throw error(.syntax) }
    }

    private mutating func value(depth: Int) throws(JSONError) {
        skipSpace()
        Steps.count()
        guard index < bytes.count else { throw error(.syntax) }
        let place = tokens.count
        let start = index
        let kind: JSONToken.Kind
        switch bytes[index] {
        case UInt8(ascii: "{"): kind = .object
        case UInt8(ascii: "["): kind = .array
        case UInt8(ascii: "\""): kind = .string
        case UInt8(ascii: "t"): kind = .yes
        case UInt8(ascii: "f"): kind = .no
        case UInt8(ascii: "n"): kind = .null
        default: kind = .number
        }
        tokens.append(JSONToken(kind: kind, isMinified: true, start: UInt32(start), end: 0, next: 0))
        switch kind {
        case .object: try object(at: place, depth: depth + 1)
        case .array: try array(depth: depth + 1)
        case .string: try string()
        case .yes: try literal("true")
        case .no: try literal("false")
        case .null: try literal("null")
        case .number: try number()
        }
        tokens[place].isMinified = looseEnd <= start
        tokens[place].end = UInt32(index)
        tokens[place].next = UInt32(tokens.count)
    }

    private mutating func object(at place: Int, depth: Int) throws(JSONError) {
        try enter(depth)
        guard !next(is: UInt8(ascii: "}")) else { return }
        var known: Set<ByteKey> = []
        repeat {
            skipSpace()
            guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else { throw error(.syntax) }
            let start = index
            let key = tokens.count
            try value(depth: depth)
            guard next(is: UInt8(ascii: ":")) else { throw error(.syntax) }
            try value(depth: depth)
            guard isNew(key, in: place, &known) else { throw JSONError(reason: .duplicateKey, offset: start) }
        } while next(is: UInt8(ascii: ","))
        guard next(is: UInt8(ascii: "}")) else { throw error(.syntax) }
    }

    private mutating func array(depth: Int) throws(JSONError) {
        try enter(depth)
        guard !next(is: UInt8(ascii: "]")) else { return }
        repeat { try value(depth: depth) } while next(is: UInt8(ascii: ","))
        guard next(is: UInt8(ascii: "]")) else { throw error(.syntax) }
    }

    private mutating func enter(_ depth: Int) throws(JSONError) {
        guard depth <= JSONValue.maximumTextDepth else { throw error(.tooDeep) }
        deepest = max(deepest, depth)
        index += 1
    }

    /// Takes a mark after optional space; leaves everything else alone.
    private mutating func next(is mark: UInt8) -> Bool {
        skipSpace()
        guard index < bytes.count, bytes[index] == mark else { return false }
        index += 1
        return true
    }

    private mutating func literal(_ word: StaticString) throws(JSONError) {
        let end = index + word.utf8CodeUnitCount
        guard end <= bytes.count else { throw error(.syntax) }
        for offset in 0..<word.utf8CodeUnitCount where bytes[index + offset] != word.utf8Start[offset] {
            throw error(.syntax)
        }
        index = end
    }

    // -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?
    private mutating func number() throws(JSONError) {
        take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        if take(UInt8(ascii: ".")) { try digits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { take(UInt8(ascii: "-")) }
            try digits()
        }
    }

    private mutating func digits() throws(JSONError) {
        let start = index
        while index < bytes.count, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[index]) { index += 1 }
        guard index > start else { throw error(.syntax) }
    }

    @discardableResult
    private mutating func take(_ byte: UInt8) -> Bool {
        guard index < bytes.count, bytes[index] == byte else { return false }
        index += 1
        return true
    }

    private mutating func string() throws(JSONError) {
        let start = index + 1
        let (end, isASCII) = bytes.plainText(from: start)
        // Nearly every string is ASCII without escapes, about which there is nothing to check.
        if isASCII, end < bytes.count, bytes[end] == UInt8(ascii: "\"") {
            index = end + 1
            return
        }
        var reader = JSONStringReader(bytes: bytes, index: start)
        _ = try reader.read()
        index = reader.index
        if reader.hasEscapes { looseEnd = index }
    }

    private mutating func skipSpace() {
        while index < bytes.count {
            switch bytes[index] {
            case 0x20, 0x0A, 0x0D, 0x09:
                index += 1
                looseEnd = index
            default: return
            }
        }
    }

    private func error(_ reason: JSONError.Reason) -> JSONError { JSONError(reason: reason, offset: index) }
}

extension JSONParser {
    /// Members whose keys are compared one after the other, because that is faster.
    private static var fewMembers: Int { 16 }

    /// Whether no member before it has the key of the last member of an object; `known` has all keys once there are many.
    private func isNew(_ key: Int, in object: Int, _ known: inout Set<ByteKey>) -> Bool {
        guard known.isEmpty else { return known.insert(ByteKey(text: bytes.string(of: tokens[key]))).inserted }
        var (other, count) = (object + 1, 1)
        while other < key {
            Steps.count()
            if bytes.haveSameString(tokens[other], tokens[key]) { return false }
            other = Int(tokens[other + 1].next)
            count += 1
        }
        guard count > Self.fewMembers else { return true }
        other = object + 1
        while other <= key {
            known.insert(ByteKey(text: bytes.string(of: tokens[other])))
            other = Int(tokens[other + 1].next)
        }
        return true
    }
}
