/// The members of an object of a text, in their order; one can take them, and ask what is left.
package struct JSONMembers: Sequence {
    private let object: JSONNode
    /// A bit for each that was taken.
    private var taken: UInt64 = 0

    /// Whoever takes members knows fewer than these: only so many are searched, so each search is short, whatever is sent.
    private static let most = UInt64.bitWidth

    /// What is not an object has none.
    package init(of node: JSONNode?) { object = node.flatMap { $0.isObject ? $0 : nil } ?? Self.emptyObject }

    private static let emptyObject = JSONNode(
        tape: JSONTape(
            bytes: [], tokens: [JSONToken(kind: .object, isMinified: true, start: 0, end: 0, next: 1)], depth: 1),
        place: 0)

    /// The value of a key, be it null; nil when none of the first 64 members has it.
    package mutating func take(_ key: String) -> JSONNode? {
        guard let (number, value) = object.find(key, among: Self.most) else { return nil }
        taken |= 1 << UInt64(number)
        return JSONNode(tape: object.tape, place: value)
    }

    /// The first key that nobody took.
    package var rest: String? {
        let first = (~taken).trailingZeroBitCount
        for (number, member) in enumerated() where number == first { return member.key }
        return nil
    }

    package func makeIterator() -> Iterator { Iterator(object: object, place: object.place + 1) }

    /// In the order of the text.
    package struct Iterator: IteratorProtocol {
        fileprivate let object: JSONNode
        fileprivate var place: Int

        package mutating func next() -> Member? {
            guard place < object.token.next else { return nil }
            let member = Member(keyNode: JSONNode(tape: object.tape, place: place))
            place = Int(object.tape.tokens[place + 1].next)
            return member
        }
    }

    /// A key and its value.
    package struct Member {
        /// The token of the value follows that of the key.
        fileprivate let keyNode: JSONNode

        package var key: String { keyNode.string ?? "" }
        package var value: JSONNode { JSONNode(tape: keyNode.tape, place: keyNode.place + 1) }
    }
}

extension JSONNode {
    /// Which of an object's first members has this key, and the place of its value.
    fileprivate func find(_ key: String, among count: Int) -> (number: Int, value: Int)? {
        var key = key
        return key.withUTF8 { key in
            tape.bytes.withUnsafeBytes { bytes in
                var (number, member) = (0, place + 1)
                while member < token.next, number < count {
                    Steps.count()
                    if bytes.says(tape.tokens[member], UnsafeRawBufferPointer(key)) { return (number, member + 1) }
                    number += 1
                    member = Int(tape.tokens[member + 1].next)
                }
                return nil
            }
        }
    }
}
