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
        let json: JSONNode
        do throws(JSONError) {
            json = try JSONNode.parse(request.body)
        } catch {
            throw Refusal(.invalidRequest, "The body \(error).", pointer: "")
        }
        guard json.isObject else {
            throw Refusal(.invalidRequest, "The body must be a JSON object.", pointer: "")
        }
        for member in json.members { try member.value.checkDepth(as: member.key) }
        return JSONValue(json).object ?? JSONObject()
    }

    /// The members of the body and one that the path gives, which the body must not give too.
    static func object(_ request: HTTPRequest, adding name: String, _ value: String) throws(Refusal) -> JSONObject {
        let object = try object(request)
        guard object[name] == nil else { throw .wrongField(name, "is not a field of this request") }
        return object.with(name, .string(value))
    }
}
