import JobWire

/// One request as the web server handed it over, with its body once that has been read.
package struct HTTPRequest: Sendable {
    /// JSON bodies have at most this many bytes.
    package static let bodyLimit = 1024 * 1024

    /// What is asked for.
    package let method: String
    /// What HTTP takes the request for: for senders that cannot send another method, a header names it, where the protocol
    /// of resumable uploads says so.
    package let sentMethod: String
    /// The path as it was sent, percent-encoded, without the query.
    let rawPath: String
    /// Empty when it could not be read, which ``refusal`` then says.
    let query: HTTPQuery
    /// Why no route may see this request: its query means nothing; nil when it does.
    let refusal: Refusal?
    /// Empty until it has been read, and always for uploads.
    var body: [UInt8] = []

    /// The segments that its route's pattern names.
    var path = PathCaptures()

    /// The length that the sender announced; nil when it did not, or in a way that is not one.
    package let contentLength: Int64?

    /// The host that was asked; nil when the request does not say.
    let host: String?

    /// Whether it came by a way on which it can become a WebSocket.
    let mayOpenSocket: Bool

    private let parameters: CGIParameters

    /// Reads what a web server gives a CGI program: `REQUEST_METHOD`, `REQUEST_URI`, `CONTENT_TYPE`, `CONTENT_LENGTH`,
    /// `REMOTE_ADDR` and the headers as `HTTP_…`.
    ///
    /// `mayOpenSocket` says that the way on which it came can carry a WebSocket.
    package init(parameters: CGIParameters, mayOpenSocket: Bool = false) {
        self.parameters = parameters
        self.mayOpenSocket = mayOpenSocket
        sentMethod = parameters["REQUEST_METHOD"] ?? ""
        let target = RequestTarget(parameters)
        method =
            Tus.hasPath(target.path) ? parameters[header: "X_HTTP_METHOD_OVERRIDE"] ?? sentMethod : sentMethod
        rawPath = target.path
        host = target.authority ?? parameters[header: "HOST"]
        do throws(Refusal) {
            query = try HTTPQuery(target.query)
            refusal = nil
        } catch {
            (query, refusal) = (HTTPQuery(), error)
        }
        // A web server that does not know the length may say -1.
        contentLength = parameters["CONTENT_LENGTH"].flatMap { text in
            text.utf8.allSatisfy((UInt8(ascii: "0")...UInt8(ascii: "9")).contains) ? Int64(text) : nil
        }
    }

    init(parameters: [String]) { self.init(parameters: CGIParameters(parameters)) }

    /// The path's segments, percent-decoded; nil when that gives no valid text.
    var segments: [String]? {
        let parts = rawPath.utf8.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        var segments: [String] = []
        segments.reserveCapacity(parts.count)
        for part in parts {
            guard let segment = PercentEncoding.decode(part) else { return nil }
            segments.append(segment)
        }
        return segments
    }

    /// What the sender says that the body is; nil when it does not.
    var contentType: String? { parameters["CONTENT_TYPE"] }

    private static let formType = "multipart/form-data"

    /// Whether the body is a form with files.
    var isForm: Bool {
        guard let type = parameters["CONTENT_TYPE"] else { return false }
        let name = type.utf8.prefix { $0 != UInt8(ascii: ";") && $0 != UInt8(ascii: " ") }
        // The length first, because writing another type in small letters costs more than all of this.
        return name.count == Self.formType.utf8.count && Substring(name).lowercased() == Self.formType
    }

    /// What separates the parts of a form; nil when the body is not a form, or does not say.
    var boundary: String? {
        guard isForm, let type = parameters["CONTENT_TYPE"] else { return nil }
        return HeaderParameters.parse(type).first { $0.0 == "boundary" }?.1
    }

    /// What the web server calls this request each time that it gives it to a front, `SECONDS.MMM-HEXADECIMAL`; nil when it
    /// does not say.
    var key: String? { parameters["REQUEST_KEY"] }

    var remoteAddress: String? { parameters["REMOTE_ADDR"] }

    /// A header by its name in CGI's form, `IF_NONE_MATCH`; nil when it is absent or empty.
    func header(_ name: StaticString) -> String? {
        guard let value = parameters[header: name], !value.isEmpty else { return nil }
        return value
    }

    /// A header that means something also when it is empty; nil when it is absent.
    func headerOrEmpty(_ name: StaticString) -> String? { parameters[header: name] }

    /// The values of all headers with a name.
    func headers(_ name: StaticString) -> [String] { parameters.values(header: name) }

    /// What the web server says of the caller under a name, which it must not say twice; nil when it says nothing.
    func identity(_ name: StaticString) throws(Refusal) -> String? {
        let values = parameters.values(name)
        guard values.count <= 1 else {
            throw Refusal(.invalidRequest, "The web server says \(name) twice.")
        }
        return values.first
    }
}
