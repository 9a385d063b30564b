import JobWire
import NIOCore

/// One line of the table of routes.
///
/// A class, because a request is compared with many lines and keeps one: a structure would be copied each time.
final class Route: Sendable {
    /// What answers a request; its body has been read.
    typealias Handler = @Sendable (HTTPRequest, Context) -> EventLoopFuture<HTTPResponse>

    /// What reads the body itself.
    typealias Receiver = @Sendable (HTTPRequest, any Body, Context) -> EventLoopFuture<HTTPResponse>

    enum Action: Sendable {
        /// Called on the event loop, with the body read.
        case answer(Handler)
        /// Called on a thread of its own, which may block to read the body.
        case receive(Receiver)
        /// The same, but only for forms with files; everything else goes on to the path's next route.
        case receiveForm(Receiver)
    }

    let method: HTTPMethod
    let pattern: PathPattern
    let action: Action
    /// What the API's document says of it.
    let entry: APIDocument.Entry

    init(_ action: Action, _ entry: APIDocument.Entry) {
        method = entry.method
        pattern = entry.pattern
        self.action = action
        self.entry = entry
    }

    /// Whether it is for a request that has its method and its path.
    func takes(_ request: HTTPRequest) -> Bool {
        if case .receiveForm = action { request.isForm } else { true }
    }

    /// Whether a request is shown what it does not name.
    func lists(_ request: HTTPRequest) -> Bool {
        entry.namingItems.map { items in items.allSatisfy { request.query[$0] == nil } } ?? false
    }
}
