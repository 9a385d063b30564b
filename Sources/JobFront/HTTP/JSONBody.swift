import JSON
import JobModel
import JobWire

/// A request's JSON body as parameters for the daemon, which checks its fields.
enum JSONBody {
    /// The members of the body, of which an empty one has none.
    static func object(_ request: HTTPRequest) throws(Refusal) -> JSONObject {
        if request.isForm {
            throw Refusal(.unsupportedMediaType, "The body must be JSON here; multipart/form-data is not taken.")
        }
        guard !request.body.isEmpty else { return JSONObject() }
        let json: JSONValue
        do throws(JSONError) {
            json = try JSONValue.parse(request.body)
        } catch {
            throw Refusal(.invalidRequest, "The body \(error).", pointer: "")
        }
        guard let object = json.object else {
            throw Refusal(.invalidRequest, "The body must be a JSON object.", pointer: "")
        }
        try object.checkDepth()
        return object
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
