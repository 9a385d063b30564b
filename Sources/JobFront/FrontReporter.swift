import JSON
import JobModel
import JobWire
import NIOCore

/// Counts what this front answers, and tells the daemon once a second when there is news.
///
/// Lives on the event loop.
final class FrontReporter {
    private static let interval = TimeAmount.seconds(1)
    /// `1xx` to `5xx`.
    private static let classCount = 5

    private let link: DaemonLink
    private let readers: Readers
    private let uploads: BodyThreads
    /// For each operation, and last for what is not an operation, its answers by class of status; since the last report.
    private var counts = [Int64](repeating: 0, count: (Operation.allCases.count + 1) * classCount)
    /// What the daemon knows, on the connection of this number; nil: nothing yet.
    private var told: FrontReport?
    private var toldConnection = 0
    private var timer: RepeatedTask?

    init(link: DaemonLink, readers: Readers, uploads: BodyThreads) {
        self.link = link
        self.readers = readers
        self.uploads = uploads
    }

    func start() {
        let bound = NIOLoopBound(self, eventLoop: link.loop)
        timer = link.loop.scheduleRepeatedTask(initialDelay: Self.interval, delay: Self.interval) { _ in
            bound.value.tell()
        }
    }

    func stop() { timer?.cancel() }

    /// Counts an answer; nil is a path or a method that does not exist.
    func count(_ operation: Operation?, status: Int) {
        let row = operation.flatMap { Self.rows[$0] } ?? Operation.allCases.count
        counts[row * Self.classCount + min(max(status / 100, 1), Self.classCount) - 1] += 1
    }

    private static let rows = Dictionary(uniqueKeysWithValues: zip(Operation.allCases, 0...))

    /// What was counted is kept until the daemon has it; a daemon that ended has forgotten what it had been told.
    private func tell() {
        guard link.isConnected else { return }
        if toldConnection != link.connectionCount { told = nil }
        toldConnection = link.connectionCount
        let requests = counts.enumerated().filter { $0.element > 0 }.map { index, count in
            FrontReport.Requests(
                operation: Self.name(ofRow: index / Self.classCount), status: "\(index % Self.classCount + 1)xx",
                count: count)
        }
        let report = FrontReport(streams: readers.streamCount, uploads: uploads.count, requests: requests)
        guard report != told else { return }
        let sent = counts
        counts = counts.map { _ in 0 }
        told = FrontReport(streams: report.streams, uploads: report.uploads)
        link.callAsFront(.reportFront, report.params, resending: .never).assumeIsolated().whenFailure { [self] _ in
            for index in counts.indices { counts[index] += sent[index] }
        }
    }

    private static func name(ofRow row: Int) -> String {
        row < Operation.allCases.count ? Operation.allCases[row].rawValue : "none"
    }
}

extension FrontReport {
    fileprivate var params: JSONObject {
        [
            "streams": JSONValue(streams), "uploads": JSONValue(uploads),
            "requests": .array(
                requests.map { entry in
                    [
                        "operation": .string(entry.operation), "status": .string(entry.status),
                        "count": JSONValue(entry.count),
                    ]
                }),
        ]
    }
}
