import Glibc
import JobFiles
import JobModel

/// The steps that need no program.
extension Attempt {
    mutating func run(_ builtIn: BuiltIn, _ run: StepRun) throws {
        switch builtIn {
        case .inspect: for file in run.inputs { try inspect(file) }
        case .textStatistics: countText(run)
        }
    }

    /// Looks at the upload itself, whatever a step has put in its place.
    private mutating func inspect(_ working: WorkingFile) throws {
        let file = job.files[working.index]
        func rejected(_ problem: String) -> End {
            .failed(
                JobFailure(.rejected, message: "The file \(file.name) is \(problem).", step: lastStep), mayRetry: false)
        }
        let path = area.path(of: file.fileId)
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw rejected("not in the storage any more") }
        defer { close(descriptor) }
        let (sha256, size) = try Digest.ofFile(descriptor, path: path)
        guard sha256 == file.sha256, size == file.size else { throw rejected("not what was uploaded") }
        result.describe(working, "mediaType", .string(MediaType.ofFile(descriptor)))
        result.describe(working, "size", JSONValue(size))
        result.describe(working, "sha256", .string(sha256))
    }

    private mutating func countText(_ run: StepRun) {
        let made = "\(run.output.directory)/text.txt"
        let input = run.inputs.first { $0.mediaType.hasPrefix("text/") }
        var descriptor = open(made, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        if descriptor < 0, let input { descriptor = open(input.path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC) }
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        var statistics = TextStatistics()
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while !cancellation.isCancelled, case let count = read(descriptor, &buffer, buffer.count), count > 0 {
            statistics.add(buffer[..<count])
        }
        for member in statistics.finish().members {
            if let file = run.file {
                result.set(member.key, member.value, of: file)
            } else {
                result.set(member.key, member.value)
            }
        }
    }
}
