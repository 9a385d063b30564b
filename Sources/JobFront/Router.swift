import JobWire
import NIOCore

/// One line of the table of routes.
struct Route: Sendable {
    /// What a handler is given: the request, and the path's segments that its pattern names.
    typealias Handler = @Sendable (HTTPRequest, PathCaptures) -> EventLoopFuture<HTTPResponse>

    /// What reads a body itself is given the request as libfcgi reads it.
    typealias Receiver = @Sendable (FastCGIRequest) -> EventLoopFuture<HTTPResponse>

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
    /// Its name in the API's document.
    let operation: Operation?
    /// The items of a query that it takes.
    let queryNames: Set<String>

    init(
        _ method: HTTPMethod, _ pattern: PathPattern, _ action: Action, _ operation: Operation? = nil,
        queryNames: Set<String> = []
    ) {
        self.method = method
        self.pattern = pattern
        self.action = action
        self.operation = operation
        self.queryNames = queryNames
    }
}

/// Finds the route of a request.
struct Router: Sendable {
    enum Match: Sendable {
        case answer(Route.Handler, PathCaptures)
        case receive(Route.Receiver)
        /// There is no route, or none is needed.
        case respond(HTTPResponse)
    }

    let routes: [Route]

    /// HEAD takes the route of GET; OPTIONS is answered from the table.
    func match(_ request: HTTPRequest) -> (match: Match, operation: Operation?) {
        guard let segments = request.segments else {
            let refusal = Refusal(.invalidRequest, "The path is not percent-encoded UTF-8.")
            return (.respond(Problem.response(refusal)), nil)
        }
        if let refusal = request.refusal { return (.respond(Problem.response(refusal)), nil) }
        let method = HTTPMethod(rawValue: request.method == "HEAD" ? "GET" : request.method)
        var allowed: [HTTPMethod] = []
        // The first pattern that fits is the path's own: `/api/jobs/stream` is no job.
        var pattern: PathPattern?
        for route in routes where pattern == nil || pattern == route.pattern {
            guard let captures = route.pattern.match(segments) else { continue }
            pattern = route.pattern
            if route.method == method, let match = Self.match(route.action, captures, request) {
                do throws(Refusal) {
                    try request.query.check(route.queryNames)
                    return (match, route.operation)
                } catch {
                    return (.respond(Problem.response(error)), route.operation)
                }
            }
            if !allowed.contains(route.method) { allowed.append(route.method) }
        }
        return (.respond(Self.answer(to: request, allowed: allowed)), nil)
    }

    private static func answer(to request: HTTPRequest, allowed: [HTTPMethod]) -> HTTPResponse {
        guard !allowed.isEmpty else {
            return Problem.response(Refusal(.notFound, "There is nothing at this path."))
        }
        let allow = HTTPResponse.Header(name: "Allow", value: text(allowed))
        guard request.method != HTTPMethod.options.rawValue else { return HTTPResponse(204, headers: [allow]) }
        let refusal = Refusal(.methodNotAllowed, "This path does not take \(request.method.prefix(20)).")
        return Problem.response(refusal, headers: [allow])
    }

    private static func match(_ action: Route.Action, _ captures: PathCaptures, _ request: HTTPRequest) -> Match? {
        switch action {
        case .answer(let handler): .answer(handler, captures)
        case .receive(let receiver): .receive(receiver)
        case .receiveForm(let receiver): request.isForm ? .receive(receiver) : nil
        }
    }

    private static func text(_ allowed: [HTTPMethod]) -> String {
        var names = allowed.map(\.rawValue)
        if allowed.contains(.get) { names.append(HTTPMethod.head.rawValue) }
        return (names + [HTTPMethod.options.rawValue]).joined(separator: ", ")
    }
}

/// A path with names in the place of some segments: `/api/jobs/{id}/logs`.
struct PathPattern: Hashable, Sendable, ExpressibleByStringLiteral {
    private enum Segment: Hashable, Sendable {
        case literal(String)
        case name(String)
    }

    /// As it was written, which is also how OpenAPI writes it.
    let text: String
    private let segments: [Segment]

    init(stringLiteral text: String) {
        self.text = text
        segments = text.split(separator: "/").map { part in
            part.hasPrefix("{") ? .name(String(part.dropFirst().dropLast())) : .literal(String(part))
        }
    }

    /// How many segments it leaves open.
    var nameCount: Int {
        segments.count { if case .name = $0 { true } else { false } }
    }

    /// The named segments; nil when the path is another.
    func match(_ path: [String]) -> PathCaptures? {
        guard path.count == segments.count else { return nil }
        var captures = PathCaptures()
        for (part, segment) in zip(path, segments) {
            switch segment {
            case .literal(let text): guard part == text else { return nil }
            case .name(let name):
                guard !part.isEmpty else { return nil }
                captures.add(name, part)
            }
        }
        return captures
    }
}

/// The segments that a pattern named.
struct PathCaptures: Hashable, Sendable {
    private struct Capture: Hashable, Sendable {
        let name: String
        let value: String
    }

    private var captures: [Capture] = []

    mutating func add(_ name: String, _ value: String) { captures.append(Capture(name: name, value: value)) }

    /// The segment with a name that the pattern has.
    subscript(name: String) -> String {
        guard let capture = captures.first(where: { $0.name == name }) else {
            preconditionFailure("the pattern names no {\(name)}")
        }
        return capture.value
    }
}
