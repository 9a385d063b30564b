import FoundationEssentials
import JSON
import JobModel

extension Fields {
    /// Bytes as RFC 4648 base64 with padding.
    mutating func base64(_ key: String) throws(Refusal) -> [UInt8] {
        guard let text = try require(key).string, let data = Data(base64Encoded: text) else {
            throw Self.wrong(key, "must be base64")
        }
        return [UInt8](data)
    }
}

extension JSONValue {
    /// Bytes as a string of RFC 4648 base64 with padding.
    package init(base64 bytes: [UInt8]) {
        self = .string(Data(bytes).base64EncodedString())
    }
}
