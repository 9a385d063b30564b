import JobWire

/// A query that cannot be read, or that says a thing twice.
struct QueryGate: Gate {
    func check(_ request: HTTPRequest, for route: Route?, in context: Context) throws(Refusal) {
        if let refusal = request.refusal { throw refusal }
        if let route { try request.query.check(route.entry.queryNames) }
    }
}
