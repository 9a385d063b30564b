import JobWire

/// What a request must have to become a WebSocket; RFC 6455, section 4.2.1.
enum SocketHandshake {
    /// How the protocol is called that is spoken on it.
    static let subprotocol = "jobd.1"

    /// Why a request does not become one; nil when it does.
    static func refusal(of request: HTTPRequest) -> HTTPResponse? {
        guard request.method == HTTPMethod.get.rawValue, request.mayOpenSocket,
            tokens(request.headers("UPGRADE")).contains("websocket"),
            tokens(request.headers("CONNECTION")).contains("upgrade")
        else { return upgradeRequired("This address is a WebSocket; ask for one (Upgrade: websocket).") }
        guard request.headers("SEC_WEBSOCKET_VERSION") == ["13"] else {
            return upgradeRequired("The version of WebSocket must be 13.")
        }
        let keys = request.headers("SEC_WEBSOCKET_KEY")
        guard keys.count == 1, isKey(keys[0]) else {
            return Problem.response(Refusal(.invalidRequest, "Sec-WebSocket-Key must be 16 bytes in base64."))
        }
        guard list(request.headers("SEC_WEBSOCKET_PROTOCOL")).contains(subprotocol) else {
            return Problem.response(
                Refusal(.invalidRequest, "Sec-WebSocket-Protocol must offer \(subprotocol), which is spoken here."))
        }
        return nil
    }

    private static func upgradeRequired(_ detail: String) -> HTTPResponse {
        Problem.response(
            Refusal(.invalidRequest, detail), status: 426,
            headers: [
                .init(name: "Upgrade", value: "websocket"), .init(name: "Sec-WebSocket-Version", value: "13"),
            ])
    }

    /// 16 bytes: 22 characters, of which the last says four bits, and two that fill up.
    private static func isKey(_ text: String) -> Bool {
        let bytes = Array(text.utf8)
        guard bytes.count == 24, text.hasSuffix("=="), "AQgw".utf8.contains(bytes[21]) else { return false }
        return bytes.prefix(22).allSatisfy { byte in
            UInt8(ascii: "A")...UInt8(ascii: "Z") ~= byte || UInt8(ascii: "a")...UInt8(ascii: "z") ~= byte
                || UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || "+/".utf8.contains(byte)
        }
    }

    private static func tokens(_ values: [String]) -> [String] { list(values).map { $0.lowercased() } }

    /// The elements of lists; several headers of one name are one list.
    private static func list(_ values: [String]) -> [String] {
        values.flatMap { $0.split(separator: ",") }.map { $0.filter { $0 != " " && $0 != "\t" } }
    }
}
