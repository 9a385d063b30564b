/// Tells whether bytes that come in pieces are UTF-8.
struct UTF8Check {
    private var isBroken = false
    private var hasLongCharacters = false
    private var tail = UTF8Tail()

    /// A character that the end cuts is one only where others have come whole: else it is a letter of another encoding.
    var isValid: Bool { !isBroken && (tail.rest.isEmpty || hasLongCharacters) }

    /// Takes the next bytes; returns whether all can still be UTF-8.
    mutating func add(_ bytes: some Sequence<UInt8>) -> Bool {
        guard !isBroken else { return false }
        let whole = tail.whole(bytes)
        hasLongCharacters = hasLongCharacters || whole.contains { $0 >= 0x80 }
        isBroken = String(validating: whole, as: UTF8.self) == nil
        return !isBroken
    }
}

/// Keeps the beginning of a character that the end of a piece cuts, for the next piece.
struct UTF8Tail {
    private(set) var rest: [UInt8] = []

    /// The next bytes up to the last whole character.
    mutating func whole(_ bytes: some Sequence<UInt8>) -> [UInt8] {
        var all = rest
        all.append(contentsOf: bytes)
        let end = all.count - Self.incompleteCount(all)
        rest = Array(all[end...])
        all.removeLast(all.count - end)
        return all
    }

    /// How many bytes at the end begin a character without ending it.
    private static func incompleteCount(_ bytes: [UInt8]) -> Int {
        for (distance, byte) in bytes.reversed().prefix(3).enumerated() where byte & 0xC0 != 0x80 {
            let length = byte < 0xC2 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : byte < 0xF5 ? 4 : 1
            return distance + 1 < length ? distance + 1 : 0
        }
        return 0
    }
}
