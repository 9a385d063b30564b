/// What all sockets of a front may hold together: messages that arrive or wait for their answers, and what slow clients have
/// not taken.
///
/// Lives on the event loop.
final class SocketBudget {
    private let limit: Int
    private var bytes = 0

    init(limit: Int) { self.limit = limit }

    /// Takes so many bytes; false, and nothing is taken, when there is no room.
    func take(_ count: Int) -> Bool {
        guard count <= limit - bytes else { return false }
        bytes += count
        return true
    }

    func give(_ count: Int) { bytes -= count }
}
