import JSON
import JobModel
package import JobWire
import NIOCore

/// An error as RFC 9457 wants it.
package enum Problem {
    /// Makes the response for a refusal; the code decides the status, the details become members.
    ///
    /// - Parameters:
    ///   - refusal: What was refused, and why.
    ///   - status: Another status than that of the code, where HTTP has one of its own.
    ///   - headers: Further headers.
    /// - Returns: The response.
    package static func response(
        _ refusal: Refusal, status: Int? = nil, headers: [HTTPResponse.Header] = []
    ) -> HTTPResponse {
        let status = status ?? refusal.httpStatus
        var object: JSONObject = [
            "type": "about:blank", "title": .string(HTTPResponse.phrase(of: status)), "status": JSONValue(status),
            "detail": .string(refusal.message), "code": .string(refusal.code.rawValue),
        ]
        object["pointer"] = refusal.pointer.map(JSONValue.string)
        for member in refusal.details.members where object[member.key] == nil { object[member.key] = member.value }
        var all = [HTTPResponse.Header(name: "Content-Type", value: "application/problem+json")]
        if let seconds = retryAfter(status) {
            all.append(.init(name: "Retry-After", value: String(seconds)))
        }
        return HTTPResponse(
            status, headers: all + headers, body: .bytes(ByteBuffer(bytes: JSONValue.object(object).bytes)))
    }

    /// The response for any error; only a refusal is told in words of its own.
    static func response(for error: any Error) -> HTTPResponse {
        response(error as? Refusal ?? Refusal(.internalError, "The front could not answer this request."))
    }

    /// Seconds after which the same request may succeed: soon, unless somebody has to make room first.
    private static func retryAfter(_ status: Int) -> Int? {
        switch status {
        case 429, 503: 1
        case 507: 60
        default: nil
        }
    }
}
