import JobWire

/// Something that stands before every route, and may refuse a request before its body is read.
protocol Gate: Sendable {
    /// - Parameters:
    ///   - request: What is asked.
    ///   - route: What would answer it; nil when nothing would.
    ///   - context: Who asks.
    /// - Throws: Why it goes no further.
    func check(_ request: HTTPRequest, for route: Route?, in context: Context) throws(Refusal)
}
