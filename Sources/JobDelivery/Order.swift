package import JSON
package import JobModel

/// A message that is to be sent, as the daemon gives it out.
package struct Order: Hashable, Sendable {
    package let id: String
    package let address: WebhookAddress
    package let secretFile: String
    package let allowPrivate: Bool
    /// A JSON text.
    package let body: String

    package init(id: String, address: WebhookAddress, secretFile: String, allowPrivate: Bool, body: String) {
        self.id = id
        self.address = address
        self.secretFile = secretFile
        self.allowPrivate = allowPrivate
        self.body = body
    }

    /// Nil when it is not such a message.
    package init?(_ json: JSONValue) {
        guard let id = json["id"]?.string, let address = json["url"]?.string.flatMap(WebhookAddress.init),
            let secretFile = json["secretFile"]?.string, let allowPrivate = json["allowPrivate"]?.bool,
            let body = json["body"]?.string
        else { return nil }
        self.init(id: id, address: address, secretFile: secretFile, allowPrivate: allowPrivate, body: body)
    }
}
