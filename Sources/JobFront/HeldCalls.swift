import JobModel
import JobWire
import NIOCore

/// A call that was not answered yet.
struct PendingCall {
    let method: Method
    let params: [UInt8]
    let caller: Caller
    let resending: DaemonLink.Resending
    let promise: EventLoopPromise<ByteBuffer>
    /// Until when it may wait for a daemon that is away; one that was sent waits for its answer.
    let deadline: NIODeadline
    var isRepeated = false
}

/// Calls that wait for the daemon, by their numbers.
struct HeldCalls {
    typealias Held = (call: PendingCall, timeout: Scheduled<Void>)

    /// How many calls may wait, and how many bytes their parameters may have.
    private static let maximumCount = 10_000
    private static let maximumBytes = 32 * 1024 * 1024

    private var calls: [Int: Held] = [:]
    private var byteCount = 0
    /// Of the next one that is added; rises.
    private(set) var nextNumber = 1

    var numbers: [Int] { Array(calls.keys) }

    /// Whether one more may wait; one that may not is refused at once.
    func hasRoom(for call: PendingCall) -> Bool {
        calls.count < Self.maximumCount && byteCount + call.params.count <= Self.maximumBytes
    }

    mutating func add(_ held: Held) {
        calls[nextNumber] = held
        nextNumber += 1
        byteCount += held.call.params.count
    }

    mutating func remove(_ number: Int) -> Held? {
        guard let held = calls.removeValue(forKey: number) else { return nil }
        byteCount -= held.call.params.count
        return held
    }

    /// In the order in which they came.
    mutating func removeAll() -> [Held] {
        defer { (calls, byteCount) = ([:], 0) }
        return calls.sorted { $0.key < $1.key }.map(\.value)
    }
}
