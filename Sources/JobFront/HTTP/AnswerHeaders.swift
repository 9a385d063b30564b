import JobWire
import JobModel

/// What every answer carries, whatever made it: for caches, for other pages, for those that may read it.
struct AnswerHeaders: Sendable {
    // Made once, because nearly every answer has one of the two.
    private static let forOwnOrigin = headers(readBy: "same-origin")
    private static let forAllowedOrigins = headers(readBy: "cross-origin")

    private let origins: OriginPolicy
    private let maximumUploadBytes: Int64

    init(_ configuration: FrontConfiguration) {
        origins = OriginPolicy(configuration)
        maximumUploadBytes = configuration.uploads.maximumBytes
    }

    /// The headers of an answer that is not public: which sites may read it, and that it depends on who asks.
    private static func headers(readBy readers: String) -> [HTTPResponse.Header] {
        [
            .init(name: "Vary", value: "Origin, Authorization"), .init(name: "Referrer-Policy", value: "no-referrer"),
            .init(name: "Cross-Origin-Resource-Policy", value: readers),
        ]
    }

    /// Adds them; a route that says one of them itself is left its own.
    func complete(_ response: inout HTTPResponse, to request: HTTPRequest, right: Right?) {
        if Tus.hasPath(request.rawPath) {
            response.headers += Tus.headers(
                of: request, status: response.status, maximumBytes: maximumUploadBytes)
        }
        let isAllowed = origins.isAllowed(request)
        let isPublic = right == .public || right == nil
        if !response.has("Cache-Control") {
            response.headers.append(isPublic ? .noStore : .privateNoCache)
        }
        if !isPublic {
            response.headers += isAllowed ? Self.forAllowedOrigins : Self.forOwnOrigin
        } else if origins.namesSome {
            response.headers.append(.varyOrigin)
        }
        if isAllowed { response.headers += origins.headers(for: request) }
        if response.status == 401 { response.headers.append(.init(name: "WWW-Authenticate", value: "Bearer")) }
    }
}

extension HTTPResponse.Header {
    static let noStore = Self(name: "Cache-Control", value: "no-store")
    /// May be kept, but must be asked for again with its ETag.
    static let noCache = Self(name: "Cache-Control", value: "no-cache")
    /// May be kept only by the browser that asked, and must be asked for again with its ETag.
    fileprivate static let privateNoCache = Self(name: "Cache-Control", value: "private, no-cache")
    fileprivate static let varyOrigin = Self(name: "Vary", value: "Origin")
}
