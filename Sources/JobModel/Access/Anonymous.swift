/// What a caller may do who has neither an owner nor a role nor a token.
package enum Anonymous: String, Hashable, Sendable, CaseIterable {
    /// Whoever has an id that cannot be guessed has its job.
    case ids
    /// Everything, as an operator.
    case open
    /// Whoever can name an id has its job.
    case any
    /// Nothing.
    case none
}
