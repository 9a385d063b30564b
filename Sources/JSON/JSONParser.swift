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
        let start = index
        switch bytes[start] {
        case UInt8(ascii: "{"): try object(depth: depth + 1)
        case UInt8(ascii: "["): try array(depth: depth + 1)
        case UInt8(ascii: "\""): try string()
        case UInt8(ascii: "t"): try literal("true", .yes)
        case UInt8(ascii: "f"): try literal("false", .no)
        case UInt8(ascii: "n"): try literal("null", .null)
        default: try number()
        }
    }

    private mutating func object(depth: Int) throws(JSONError) {
        let (place, start) = (tokens.count, index)
        try open(.object, depth: depth)
        var known: Set<ByteKey> = []
        if !next(is: UInt8(ascii: "}")) {
            repeat {
                skipSpace()
                guard index < bytes.count, bytes[index] == UInt8(ascii: "\"") else { throw error(.syntax) }
                let (key, start) = (tokens.count, index)
                try string()
                guard next(is: UInt8(ascii: ":")) else { throw error(.syntax) }
                try value(depth: depth)
                guard isNew(key, in: place, &known) else { throw JSONError(reason: .duplicateKey, offset: start) }
            } while next(is: UInt8(ascii: ","))
            guard next(is: UInt8(ascii: "}")) else { throw error(.syntax) }
        }
        tokens[place] = token(.object, from: start, next: tokens.count)
    }

    private mutating func array(depth: Int) throws(JSONError) {
        let (place, start) = (tokens.count, index)
        try open(.array, depth: depth)
        if !next(is: UInt8(ascii: "]")) {
            repeat { try value(depth: depth) } while next(is: UInt8(ascii: ","))
            guard next(is: UInt8(ascii: "]")) else { throw error(.syntax) }
        }
        tokens[place] = token(.array, from: start, next: tokens.count)
    }

    /// Takes the bracket; where it ends is known later.
    private mutating func open(_ kind: JSONToken.Kind, depth: Int) throws(JSONError) {
        guard depth <= JSONValue.maximumTextDepth else { throw error(.tooDeep) }
        deepest = max(deepest, depth)
        add(kind, from: index)
        index += 1
    }

    /// Adds what has just been read and contains nothing.
    private mutating func add(_ kind: JSONToken.Kind, from start: Int) {
        tokens.append(token(kind, from: start, next: tokens.count + 1))
    }

    private func token(_ kind: JSONToken.Kind, from start: Int, next: Int) -> JSONToken {
        // Bytes are fewer than 4 GiB, and there are not more tokens than bytes.
        JSONToken(
            kind: kind, isMinified: looseEnd <= start, start: UInt32(truncatingIfNeeded: start),
            end: UInt32(truncatingIfNeeded: index), next: UInt32(truncatingIfNeeded: next))
    }

    /// Takes a mark after optional space; leaves everything else alone.
    private mutating func next(is mark: UInt8) -> Bool {
        skipSpace()
        guard index < bytes.count, bytes[index] == mark else { return false }
        index += 1
        return true
    }

    private mutating func literal(_ word: StaticString, _ kind: JSONToken.Kind) throws(JSONError) {
        let start = index
        let end = index + word.utf8CodeUnitCount
        guard end <= bytes.count else { throw error(.syntax) }
        for offset in 0..<word.utf8CodeUnitCount where bytes[index + offset] != word.utf8Start[offset] {
            throw error(.syntax)
        }
        index = end
        add(kind, from: start)
    }

    // -? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?
    private mutating func number() throws(JSONError) {
        let start = index
        take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        if take(UInt8(ascii: ".")) { try digits() }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            if !take(UInt8(ascii: "+")) { take(UInt8(ascii: "-")) }
            try digits()
        }
        add(.number, from: start)
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
        let start = index
        let (end, isASCII) = bytes.plainText(from: start + 1)
        // Nearly every string is ASCII without escapes, about which there is nothing to check.
        if isASCII, end < bytes.count, bytes[end] == UInt8(ascii: "\"") {
            index = end + 1
        } else {
            var reader = JSONStringReader(bytes: bytes, index: start + 1)
            _ = try reader.read()
            index = reader.index
            if reader.hasEscapes { looseEnd = index }
        }
        add(.string, from: start)
    }

    private mutating func skipSpace() {
        while index < bytes.count, bytes[index] <= 0x20 {
            guard [0x20, 0x0A, 0x0D, 0x09].contains(bytes[index]) else { return }
            index += 1
            looseEnd = index
        }
    }

    private func error(_ reason: JSONError.Reason) -> JSONError { JSONError(reason: reason, offset: index) }
}

extension JSONParser {
    /// Members whose keys are compared one after the other, because that is faster.
    private static var fewMembers: Int { 16 }

    /// Whether no member before it has the key of the last member of an object.
    ///
    /// `known` has the keys once there are many, or one has an escape: so each is decoded once.
    private func isNew(_ key: Int, in object: Int, _ known: inout Set<ByteKey>) -> Bool {
        if known.isEmpty {
            var (other, count) = (object + 1, 1)
            while other < key {
                Steps.count()
                if bytes.haveSameSource(tokens[other], tokens[key]) { return false }
                other = Int(tokens[other + 1].next)
                count += 1
            }
            guard count > Self.fewMembers || !tokens[key].isMinified else { return true }
            other = object + 1
            while other < key {
                known.insert(ByteKey(text: bytes.string(of: tokens[other])))
                other = Int(tokens[other + 1].next)
            }
        }
        return known.insert(ByteKey(text: bytes.string(of: tokens[key]))).inserted
    }
}
