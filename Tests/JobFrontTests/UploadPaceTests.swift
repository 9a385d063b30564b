import JobWire
import Testing

@testable import JobFront

@Suite(.timeLimit(.minutes(5)))
struct UploadPaceTests {
    @Test(
        arguments: [
            (0, 0, true), (1, 29, true), (0, 30, true), (31 * 1024 - 1, 31, false), (31 * 1024, 31, true),
            (59, 60, false), (60 * 1024, 60, true), (1 << 40, 100_000, true), (0, 1 << 60, false),
        ] as [(Int64, Int64, Bool)])
    func aSenderMayBeSlowForAWhileAndThenNotTooSlow(bytes: Int64, seconds: Int64, isKept: Bool) {
        let pace = UploadPace(grace: .seconds(30))
        #expect(pace.isKept(by: bytes, after: .seconds(seconds)) == isKept)
        if !isKept {
            let refusal = #expect(throws: Refusal.self) { try pace.check(bytes, after: .seconds(seconds)) }
            #expect(refusal?.code == .requestTimeout)
        }
    }
}
