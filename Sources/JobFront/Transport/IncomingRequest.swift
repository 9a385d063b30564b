/// A request as a transport brings it: its head is there, its body may still come.
package protocol IncomingRequest: Body {
    var http: HTTPRequest { get }

    /// Whether all of the body has come, so that reading it waits for nobody.
    var isWhole: Bool { get }

    /// Ends the reading, and gives the way back; called once.
    func takeResponder() -> any Responder
}
