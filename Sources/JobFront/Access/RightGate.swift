import JobWire

/// What a route asks of its caller.
struct RightGate: Gate {
    func check(_ request: HTTPRequest, for route: Route?, in context: Context) throws(Refusal) {
        guard let route else { return }
        guard !route.right(to: request).isHeld(by: context.caller) else { return }
        throw Refusal(
            .forbidden,
            "Only operators may do this; the web server says who is one (JOBD_ROLE, with nginx jobd_operators).")
    }
}
