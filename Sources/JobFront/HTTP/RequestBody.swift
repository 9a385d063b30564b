import JobModel
import JobWire

/// A request's JSON body as parameters for the daemon, which checks its fields.
enum RequestBody {
    /// The members of the body, of which an empty one has none.
    static func object(_ request: HTTPRequest) throws(Refusal) -> JSONObject {
        if request.mediaType == "multipart/form-data" {
            throw Refusal(.unsupportedMediaType, "The body must be JSON here; multipart/form-data is not taken.")
        }
        guard !request.body.isEmpty else { return JSONObject() }
        // As a parameter object the body is one level deeper than here, and must be readable there.
        let wrapped = [UInt8(ascii: "[")] + request.body + [UInt8(ascii: "]")]
        do {
            let json = try JSONValue.parse(wrapped)
            guard let elements = json.array, elements.count == 1, let object = elements[0].object else {
                throw Refusal(.invalidRequest, "The body must be one JSON object.", pointer: "")
            }
            return object
        } catch let error as JSONError {
            throw Refusal(
                .invalidRequest, "The body \(error.reason.rawValue) (at byte \(max(0, error.offset - 1))).", pointer: ""
            )
        } catch {
            throw error as? Refusal ?? Refusal(.invalidRequest, "The body is not valid JSON.", pointer: "")
        }
    }

    /// The members of the body and an id that the path gives, which the body must not give too.
    static func object(_ request: HTTPRequest, jobId: String) throws(Refusal) -> JSONObject {
        var object = try object(request)
        guard object["jobId"] == nil else {
            throw Refusal(.invalidRequest, "/jobId is not a field of this request.", pointer: "/jobId")
        }
        object["jobId"] = .string(jobId)
        return object
    }
}
