/// Why a text is not JSON that jobd takes.
package struct JSONError: Error, Hashable, Sendable {
    package enum Reason: String, Sendable {
        case syntax = "is not valid JSON"
        case tooDeep = "is nested too deep"
        case tooLong = "is longer than 4 GiB"
        case duplicateKey = "has the same key twice"
        case invalidText = "has text that is not valid Unicode"
    }

    package let reason: Reason
    /// Where, in bytes from the start.
    package let offset: Int
}

extension JSONError: CustomStringConvertible {
    package var description: String { "\(reason.rawValue) (at byte \(offset))" }
}
