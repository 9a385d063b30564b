import JSON
import Synchronization
import Testing

@testable import JobControl

@Suite(.timeLimit(.minutes(5)))
struct HoldNoticeTests {
    /// A daemon that says of each job whether it runs, and which of them it was asked for.
    private final class Asked: Sendable {
        let ids = Mutex<[String]>([])

        func take() -> [String] {
            ids.withLock { ids in
                defer { ids = [] }
                return ids
            }
        }
    }

    @Test func aFewJobsAreAskedForInARowAndEachHasItsTurn() async {
        let notice = HoldNotice(isWanted: true)
        let (ids, asked) = ((0..<20).map { "j\($0)" }, Asked())
        func look(holding held: String?) async -> String? {
            await notice.hold(of: ids) { id in
                asked.ids.withLock { $0.append(id) }
                return ["because": id == held ? "queue-full" : "running", "text": .string("\(id) waits.")]
            }?.text
        }
        #expect(await look(holding: nil) == nil)
        #expect(asked.take() == (0..<8).map { "j\($0)" })
        #expect(await look(holding: "j9") == "j9 waits.")
        #expect(asked.take() == ["j8", "j9"])
        // It stays the one that is told, as long as it does not run.
        #expect(await look(holding: "j9") == "j9 waits.")
        #expect(asked.take() == ["j9"])
        #expect(await look(holding: "j1") == nil)
        #expect(await look(holding: "j1") == "j1 waits.")
        #expect(await notice.hold(of: []) { _ in nil } == nil)
    }
}
