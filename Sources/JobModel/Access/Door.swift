/// A control socket: what a connection may do is decided by the one that it came by.
package enum Door: String, Hashable, Sendable, CaseIterable {
    /// Everything.
    case admin
    /// What operators do.
    case operate
    /// What changes nothing.
    case observe
    /// What the routes of a front need; each request says for whom.
    case front
    /// What whoever sends messages to webhooks needs: he sees those, and no job beside them.
    case deliver

    /// The access of a request that names no caller; nil where each must name one.
    ///
    /// The methods of a door are limited besides.
    package var access: Access? {
        switch self {
        case .admin, .operate, .deliver: .everything
        case .observe: Access.everything.limited(to: [.read, .observe])
        case .front: nil
        }
    }

    /// Where it is when the operators' is at a path: beside it.
    package func path(beside controlSocket: String) -> String {
        guard self != .operate else { return controlSocket }
        let folder = controlSocket.utf8.lastIndex(of: UInt8(ascii: "/")).map { controlSocket[...$0] } ?? ""
        return "\(folder)\(rawValue).sock"
    }

    /// Who may open it, beside its owner: the group, or nobody.
    package var mode: UInt32 {
        switch self {
        case .operate, .observe: 0o660
        case .admin, .front, .deliver: 0o600
        }
    }
}
