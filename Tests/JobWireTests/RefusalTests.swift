import JSON
import JobModel
import JobTesting
import JobWire
import Testing

@Suite(.timeLimit(.minutes(5)))
struct RefusalTests {
    @Test(arguments: ErrorCode.allCases)
    func everyCodeComesBackFromTheWire(code: ErrorCode) {
        let refusal = Refusal(code, "Why.", pointer: "/key", details: ["jobStatus": "failed"])
        #expect(Refusal(json: refusal.json) == refusal)
        #expect(refusal.json["data"]?["code"] == .string(code.rawValue))
        #expect(refusal.json["data"]?["retry"] == .bool(code.mayRetry))
    }

    @Test(arguments: ErrorCode.allCases)
    func everyCodeIsAnErrorAtEveryDoor(code: ErrorCode) {
        #expect((400...599).contains(code.httpStatus))
        #expect((1...125).contains(code.exitCode))
        #expect(code.rawValue.utf8.allSatisfy { "abcdefghijklmnopqrstuvwxyz-".utf8.contains($0) })
    }

    @Test func whatMayBeTriedAgainSaysSoAtEveryDoor() {
        for code in ErrorCode.allCases {
            #expect(code.mayRetry == (code.exitCode == 75))
            #expect(code.mayRetry == [408, 423, 429, 503, 507].contains(code.httpStatus))
        }
    }

    @Test(arguments: [
        (Refusal.Number.notJSON, -32700), (.notARequest, -32600), (.unknownMethod, -32601), (.wrongParams, -32602),
        (.refused, -32000),
    ])
    func numbersAreThoseOfJSONRPC(number: Refusal.Number, value: Int) {
        let refusal = Refusal(number, .invalidRequest, "Why.")
        #expect(refusal.json["code"] == JSONValue(value))
        #expect(Refusal(json: refusal.json).number == number)
    }

    @Test(arguments: [
        (JobError.invalid(pointer: "/a", reason: "Why."), ErrorCode.invalidRequest),
        (.jobNotFound(.sample), .jobNotFound), (.fileNotFound(.named("f")), .fileNotFound),
        (.fileInUse(.named("f")), .fileInUse), (.queueNotFound("q"), .queueNotFound),
    ])
    func anErrorOfTheMapHasItsCode(error: JobError, code: ErrorCode) {
        #expect(Refusal(error).code == code)
        #expect(Refusal(error).number == (code == .invalidRequest ? .wrongParams : .refused))
    }

    @Test(arguments: ["null", "{}", #"{"code":1,"data":[]}"#, #"{"code":-32000,"data":{"code":"from-the-future"}}"#])
    func anErrorThatCannotBeReadIsInternal(json: String) throws {
        let refusal = Refusal(json: try JSONValue.parse(json))
        #expect(refusal.code == .internalError)
        #expect(refusal.number == .refused)
        #expect(!refusal.message.isEmpty)
    }
}
