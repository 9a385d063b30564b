import JobWire

/// Finds the route of a request.
struct Router: Sendable {
    enum Match: Sendable {
        case route(Route, PathCaptures)
        /// There is no route, or none is needed.
        case respond(HTTPResponse)

        /// Without the routes that are for requests which come by another way.
        func limited(toSockets: Bool) -> Match {
            guard toSockets, case .route(let route, _) = self, route.entry.operation != .openSocket else { return self }
            return .respond(Router.nothing)
        }
    }

    private static let nothing = Problem.response(Refusal(.notFound, "There is nothing at this path."))

    /// In their order, by how many segments their paths have.
    private let routes: [Int: [Route]]

    /// Of two that take a request, the first answers it.
    init(routes: [Route]) { self.routes = Dictionary(grouping: routes, by: \.pattern.segmentCount) }

    /// HEAD takes the route of GET; OPTIONS is answered from the table.
    func match(_ request: HTTPRequest) -> Match {
        guard let segments = request.segments else {
            let refusal = Refusal(.invalidRequest, "The path is not percent-encoded UTF-8.")
            return .respond(Problem.response(refusal))
        }
        let method = HTTPMethod(rawValue: request.method == "HEAD" ? "GET" : request.method)
        var allowed: [HTTPMethod] = []
        // The first pattern with a GET is the path's own: `/api/jobs/stream` is not a job. `/api/jobs/bulk`, which is only
        // posted to, may be one, too.
        var pattern: PathPattern?
        for route in routes[segments.count] ?? [] where !allowed.contains(.get) || pattern == route.pattern {
            guard let captures = route.pattern.match(segments) else { continue }
            pattern = route.pattern
            if route.method == method, route.takes(request) { return .route(route, captures) }
            if !allowed.contains(route.method) { allowed.append(route.method) }
        }
        return .respond(Self.answer(to: request, allowed: allowed))
    }

    private static func answer(to request: HTTPRequest, allowed: [HTTPMethod]) -> HTTPResponse {
        guard !allowed.isEmpty else {
            return nothing
        }
        let allow = HTTPResponse.Header(name: "Allow", value: text(allowed))
        guard request.method != HTTPMethod.options.rawValue else { return HTTPResponse(204, headers: [allow]) }
        let refusal = Refusal(.methodNotAllowed, "This path does not take \(request.method.prefix(20)).")
        return Problem.response(refusal, headers: [allow])
    }

    private static func text(_ allowed: [HTTPMethod]) -> String {
        var names = allowed.map(\.rawValue)
        if allowed.contains(.get) { names.append(HTTPMethod.head.rawValue) }
        return (names + [HTTPMethod.options.rawValue]).joined(separator: ", ")
    }
}
