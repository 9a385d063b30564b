/// Who asks for something.
package struct Caller: Hashable, Sendable {
    /// What somebody may do beyond what concerns himself.
    package enum Role: String, Hashable, Sendable, CaseIterable {
        case none = ""
        /// Reads everything and changes nothing.
        case observer
        case `operator`
    }

    package let role: Role
    /// Whose jobs he makes; nil for nobody.
    package let owner: String?
    /// From where he asks; nil where that is not known.
    package let address: String?

    package init(role: Role = .none, owner: String? = nil, address: String? = nil) {
        self.role = role
        self.owner = owner
        self.address = address
    }
}
