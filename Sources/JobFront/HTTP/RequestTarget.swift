/// What a request is for: its path as it was sent, and its query.
struct RequestTarget: Hashable, Sendable {
    /// The host and port of a target that is a whole address, as to a proxy; nil for all others.
    let authority: String?
    let path: String
    let query: String

    /// Takes `REQUEST_URI`, which most web servers send, or CGI's own three parameters.
    init(_ parameters: CGIParameters) {
        if let target = parameters["REQUEST_URI"], !target.isEmpty {
            self.init(target)
            return
        }
        // CGI's paths are decoded; they are written again as they may have been sent.
        let path = (parameters["SCRIPT_NAME"] ?? "") + (parameters["PATH_INFO"] ?? "")
        self.init(
            authority: nil, path: path.replacing("%", with: "%25").replacing("?", with: "%3F"),
            query: parameters["QUERY_STRING"] ?? "")
    }

    private init(authority: String?, path: String, query: String) {
        self.authority = authority
        self.path = path
        self.query = query
    }

    /// Splits a target; RFC 9112, sections 3.2.1 and 3.2.2.
    init(_ target: String) {
        var rest = target[...]
        var authority: String?
        if target.utf8.first != UInt8(ascii: "/"), let scheme = rest.firstRange(of: "://") {
            rest = rest[scheme.upperBound...]
            let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
            authority = String(rest[..<end])
            rest = rest[end...]
        }
        let mark = rest.utf8.firstIndex(of: UInt8(ascii: "?"))
        let path = String(rest[..<(mark ?? rest.endIndex)])
        self.init(
            authority: authority, path: path.isEmpty ? "/" : path,
            query: mark.map { String(rest[rest.utf8.index(after: $0)...]) } ?? "")
    }
}
