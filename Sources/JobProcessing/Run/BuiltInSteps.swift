import Glibc
import JSON
import JobFiles
import JobModel
import JobSystem

/// The steps that need no program.
extension Run {
    mutating func run(_ builtIn: BuiltIn, _ run: StepRun) throws {
        switch builtIn {
        case .inspect: for file in run.inputs { try inspect(file) }
        case .textStatistics: countText(run)
        }
    }

    /// Looks at the upload itself, whatever a step has put in its place.
    private mutating func inspect(_ working: WorkingFile) throws {
        let file = job.input.files[working.index]
        func rejected(_ problem: String) -> End {
            .failed(
                JobFailure(
                    .rejected, message: "The file \(file.name) is \(problem). Upload it again.", step: result.lastStep),
                mayRetry: false)
        }
        guard let descriptor = try? area.open(file.fileId) else { throw rejected("not in the storage any more") }
        defer { close(descriptor) }
        let (sha256, size) = try Digest.ofFile(descriptor, path: area.path(of: file.fileId))
        guard sha256 == file.sha256, size == file.size else { throw rejected("not what was uploaded") }
        result.describe(working, "mediaType", .string(try area.types.type(of: descriptor)))
        result.describe(working, "size", JSONValue(size))
        result.describe(working, "sha256", .string(sha256))
    }

    private mutating func countText(_ run: StepRun) {
        let made = run.output.directory.openFile("text.txt")
        let input = run.inputs.first { $0.mediaType.hasPrefix("text/") }
        guard let descriptor = made ?? input?.open() else { return }
        defer { close(descriptor) }
        for member in statistics(of: descriptor).members {
            if let file = run.file {
                result.set(member.key, member.value, of: file)
            } else {
                result.set(member.key, member.value)
            }
        }
    }

    /// Counts the text of a file; a mark names its encoding, else it is UTF-8 if all of it can be, else Windows-1252.
    private func statistics(of descriptor: CInt) -> JSONObject {
        var beginning: [UInt8]?
        var check = UTF8Check()
        read(descriptor) { bytes in
            beginning = beginning ?? Array(bytes.prefix(4))
            return TextEncoding.marked(beginning ?? []) == nil && check.add(bytes)
        }
        let mark = TextEncoding.marked(beginning ?? [])
        var decoder = TextDecoder(mark?.encoding ?? (check.isValid ? .utf8 : .windows1252))
        var statistics = TextStatistics()
        read(descriptor, from: mark?.byteCount ?? 0) { bytes in
            decoder.add(bytes) { statistics.add($0) }
            return true
        }
        decoder.finish { statistics.add($0) }
        return statistics.result
    }

    /// Reads a file in pieces until `take` says that it has enough, or the job is cancelled.
    private func read(_ descriptor: CInt, from start: Int = 0, take: (ArraySlice<UInt8>) -> Bool) {
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        var offset = start
        while !cancellation.isCancelled,
            case let count = pread(descriptor, &buffer, buffer.count, off_t(offset)), count > 0
        {
            offset += count
            guard take(buffer[..<count]) else { return }
        }
    }
}
