/// Who asks for something, as whoever passes the request on says.
package struct Caller: Hashable, Sendable {
    /// What somebody may do beyond what concerns himself.
    package enum Role: String, Hashable, Sendable, CaseIterable {
        case none = ""
        /// Reads everything and changes nothing.
        case observer
        case `operator`
    }

    /// What the web server, or the socket, says that he is; not what his token says.
    package let role: Role
    /// Whose jobs he makes; nil for nobody.
    package let owner: String?
    /// From where he asks; nil where that is not known.
    package let address: String?
    /// What he shows, of which only the daemon knows what it is worth; it replaces role and owner.
    package let token: String?

    package init(role: Role = .none, owner: String? = nil, address: String? = nil, token: String? = nil) {
        self.role = role
        self.owner = owner
        self.address = address
        self.token = token
    }

    /// Whether a text may name an owner: 1 to 128 characters of printable ASCII.
    package static func isOwner(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count) && text.utf8.allSatisfy { (0x20...0x7E).contains($0) }
    }
}
