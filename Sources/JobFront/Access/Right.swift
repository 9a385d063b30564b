import JobModel

/// What a caller must be allowed for an operation; `x-jobd-right` in the API's document.
enum Right: String, CaseIterable, Sendable {
    /// What says nothing about anybody.
    case `public`
    case create
    /// One job or file, whose id the caller knows.
    case read
    case write
    /// Taking jobs that are to be done.
    case work
    /// What concerns all jobs, without changing anything.
    case observe
    /// Everything.
    case operate

    /// Whether somebody has it.
    ///
    /// An id that is known is the right to what has it.
    func isHeld(by caller: Caller) -> Bool {
        switch self {
        case .public, .create, .read, .write: true
        case .observe: caller.role != .none
        case .work, .operate: caller.role == .operator
        }
    }
}
