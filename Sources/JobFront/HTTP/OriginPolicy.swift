import JobWire

/// Which pages of other sites may use the API: those of this site always, others only when the configuration names them.
///
/// A browser says from where a request comes, and sends what it knows of the site along; so a foreign page could change
/// jobs in the name of its reader.
struct OriginPolicy: Sendable {
    private let allowed: Set<String>
    private let allowsCredentials: Bool

    /// Takes origins as browsers write them: `https://app.example.com`.
    init(allowed: [String], withCredentials: Bool = false) {
        self.allowed = Set(allowed.map { $0.lowercased() })
        allowsCredentials = withCredentials
    }

    init(_ configuration: FrontConfiguration) {
        self.init(allowed: configuration.access.allowedOrigins, withCredentials: configuration.access.allowCredentials)
    }

    /// Whether any other site is named.
    var namesSome: Bool { !allowed.isEmpty }

    /// Why a request is refused, because of the site that it comes from; nil when it may change things, or changes nothing.
    ///
    /// What the browser itself says of the two sites comes first: only it knows the address that its user sees, which a
    /// proxy on the way may have changed. A page cannot set that header.
    ///
    /// - Parameters:
    ///   - request: What is asked.
    ///   - mayChange: Whether it may change something though its method says that it does not.
    /// - Returns: The refusal.
    func refusal(of request: HTTPRequest, mayChange: Bool = false) -> Refusal? {
        let site = request.header("SEC_FETCH_SITE")?.lowercased()
        guard mayChange || !["GET", "HEAD", "OPTIONS"].contains(request.method), site != "same-origin",
            !isAllowed(request)
        else { return nil }
        if let origin = request.header("ORIGIN"), !Self.isOwn(origin, of: request) {
            return Refusal(
                .forbidden,
                "A page of \(origin.prefix(200)) may not change anything here; front.allowedOrigins can name it.")
        }
        guard site != "cross-site" else {
            return Refusal(.forbidden, "A page of another site may not change anything here.")
        }
        return nil
    }

    /// Whether the page that asks is one of a site that was named.
    func isAllowed(_ request: HTTPRequest) -> Bool {
        !allowed.isEmpty && (request.header("ORIGIN").map { allowed.contains($0.lowercased()) } ?? false)
    }

    /// What a browser lets a page of another site read, beside what it always may.
    private static let exposed = [
        "ETag", "Location", "Repr-Digest", "Retry-After", "Content-Length", "Content-Range", "Accept-Ranges",
        "Content-Disposition", "Content-Encoding",
        // Of tus.
        "Tus-Resumable", "Tus-Version", "Tus-Extension", "Tus-Max-Size", "Tus-Checksum-Algorithm", "Upload-Offset",
        "Upload-Length", "Upload-Defer-Length", "Upload-Metadata", "Upload-Concat", "Upload-Expires", "Jobd-File-Id",
    ].joined(separator: ", ")

    /// What tells a browser that a page which was named may read the answer, and may ask what it asked for beforehand.
    func headers(for request: HTTPRequest) -> [HTTPResponse.Header] {
        guard isAllowed(request), let origin = request.header("ORIGIN") else { return [] }
        var headers: [HTTPResponse.Header] = [
            .init(name: "Access-Control-Allow-Origin", value: origin),
            .init(name: "Access-Control-Expose-Headers", value: Self.exposed),
        ]
        if allowsCredentials { headers.append(.init(name: "Access-Control-Allow-Credentials", value: "true")) }
        guard request.method == "OPTIONS", request.header("ACCESS_CONTROL_REQUEST_METHOD") != nil else {
            return headers
        }
        headers += [
            .init(name: "Access-Control-Allow-Methods", value: "GET, HEAD, POST, PUT, PATCH, DELETE"),
            .init(name: "Access-Control-Max-Age", value: "600"),
        ]
        // By their names: the word for all of them does not stand for Authorization.
        if let names = request.header("ACCESS_CONTROL_REQUEST_HEADERS"), names.utf8.count <= Self.maximumNamesBytes {
            headers.append(.init(name: "Access-Control-Allow-Headers", value: names))
        }
        return headers
    }

    private static let maximumNamesBytes = 4096

    /// Whether an origin names the host that was asked; the scheme is not known here, behind a web server.
    private static func isOwn(_ origin: String, of request: HTTPRequest) -> Bool {
        guard let host = request.host, let start = origin.firstRange(of: "://") else { return false }
        let scheme = origin[..<start.lowerBound].lowercased()
        let usualPort = scheme == "https" ? ":443" : scheme == "http" ? ":80" : ""
        func plain(_ host: some StringProtocol) -> String {
            let host = host.lowercased()
            return !usualPort.isEmpty && host.hasSuffix(usualPort) ? String(host.dropLast(usualPort.count)) : host
        }
        return plain(origin[start.upperBound...]) == plain(host)
    }
}
