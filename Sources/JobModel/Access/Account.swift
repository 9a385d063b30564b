/// Who uses up a quota by what he makes: an owner, or nobody from one place.
package enum Account: Hashable, Sendable, CustomStringConvertible {
    case owner(String)
    /// An address, or the first 64 bits of one of IPv6; empty where it is not known.
    case place(String)

    /// Reads ``description``.
    package init?(_ text: String) {
        guard let mark = text.firstIndex(of: ":") else { return nil }
        let rest = String(text[text.index(after: mark)...])
        switch text[..<mark] {
        case "owner": self = .owner(rest)
        case "place": self = .place(rest)
        default: return nil
        }
    }

    /// As it is stored with what is charged to it: `owner:NAME`, or `place:ADDRESS`.
    package var description: String {
        switch self {
        case .owner(let name): "owner:\(name)"
        case .place(let address): "place:\(address)"
        }
    }
}
