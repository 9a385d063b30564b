import FoundationEssentials
import JobStorage
import JobStorageSQLite
import JobTesting
import Testing

@testable import JobDaemon

/// No acknowledged job without its bytes, no use counted wrongly, nothing older than it was told; whatever comes between.
///
/// Long histories: `RANDOM_STEPS=10000000 swift test --filter RandomHistoryTests`, with `RANDOM_STEPS_SQLITE` for those on a
/// disk and `RANDOM_SEED` to begin elsewhere; what a history has seen is printed. `SWIFT_DETERMINISTIC_HASHING=1` has the
/// same seed make the same history.
@Suite(.timeLimit(.minutes(60)))
struct RandomHistoryTests {
    private static let environment = ProcessInfo.processInfo.environment
    private static let steps = environment["RANDOM_STEPS"].flatMap { Int($0) }
    private static let stepsOnDisk = environment["RANDOM_STEPS_SQLITE"].flatMap { Int($0) }
    private static let firstSeed = environment["RANDOM_SEED"].flatMap { UInt64($0) } ?? 1

    @Test(arguments: 0..<4 as Range<UInt64>)
    func aHistoryInMemoryHoldsWhatWasTold(seed: UInt64) async throws {
        let steps = (Self.steps ?? 40_000) / 4
        try await expectNoMistake(MemoryJobStore(), seed: Self.firstSeed + seed, steps: steps)
    }

    @Test func aHistoryOnADiskHoldsWhatWasTold() async throws {
        let directory = TemporaryDirectory()
        let store = try SQLiteJobStore.open(directory: directory.path)
        try await expectNoMistake(store, seed: Self.firstSeed, steps: Self.stepsOnDisk ?? 3_000)
        await store.close()
        let faults = try StoreReader(directory: directory.path).faults()
        #expect(faults == [])
    }

    private func expectNoMistake(_ store: any JobStore, seed: UInt64, steps: Int) async throws {
        let history = try await RandomHistory(store: store, seed: seed)
        try await history.run(steps: steps)
        #expect(history.mistakes.isEmpty, "seed \(seed)")
        let tally = history.tally
        #expect(tally.told > steps / 100 && tally.conflicts > 0 && tally.failures > 0 && tally.doubts > 0)
        #expect(tally.lookUps > 0 && tally.deletions > 0 && tally.checks > 0)
        if Self.steps != nil || Self.stepsOnDisk != nil { print("seed \(seed): \(tally)") }
    }
}
