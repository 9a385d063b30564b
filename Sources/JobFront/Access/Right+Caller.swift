import JobModel
import JobWire

extension Right {
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
