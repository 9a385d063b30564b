import Glibc
import JobSystem

/// Watches how much the files in a run's directory occupy.
struct OutputWatch {
    private let directory: Directory
    private let limit: Int64
    /// The run's inputs, which are not the step's.
    private let inputs: Set<FileNode>
    private var next: ContinuousClock.Instant

    /// Between looks, when they are short.
    private static let interval = Duration.milliseconds(100)
    /// A look is followed by a pause of so many times its length: a look at 100,000 files takes some 40 ms.
    private static let rest = 20

    /// Nil when there is no limit, or no directory.
    init?(_ directory: Directory?, limit: Int64?) {
        guard let directory, let limit else { return nil }
        self.directory = directory
        self.limit = limit
        var inputs: Set<FileNode> = []
        try? directory.directory("input").walk { status in
            inputs.insert(FileNode(status))
            return true
        }
        self.inputs = inputs
        next = .now + Self.interval
    }

    /// Whether there is too much; looks only when it is time.
    mutating func isExceeded() -> Bool {
        let begin = ContinuousClock.now
        guard begin >= next else { return false }
        defer { next = .now + max(Self.interval, (.now - begin) * Self.rest) }
        return bytes > limit
    }

    /// On the disk, each file once whatever its names; links are not followed, and what cannot be read counts as nothing.
    private var bytes: Int64 {
        var sum: Int64 = 0
        var severalNames: Set<FileNode> = []
        directory.walk { status in
            guard status.st_mode & S_IFMT == S_IFREG, !inputs.contains(FileNode(status)) else { return true }
            if status.st_nlink > 1, !severalNames.insert(FileNode(status)).inserted { return true }
            sum += Int64(status.st_blocks) * 512
            return sum <= limit
        }
        return sum
    }
}
