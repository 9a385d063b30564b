import Glibc
import JobFiles
import JobModel

extension BuiltIn {
    /// Runs the step on the calling thread; returns what it adds to the result.
    func run(_ job: Job, _ inputs: [JobFile], run: RunDirectory, area: FilesArea) throws -> JSONObject {
        switch self {
        case .inspect: try inspect(inputs, area: area)
        case .textStatistics: try countText(job, inputs, run: run)
        }
    }

    private func inspect(_ files: [JobFile], area: FilesArea) throws -> JSONObject {
        var found: [JSONValue] = []
        for file in files {
            let path = area.path(of: file.fileId)
            let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
            guard descriptor >= 0 else {
                throw JobFailure(.rejected, message: "The file \(file.name) is not in the storage any more.")
            }
            defer { close(descriptor) }
            let (sha256, size) = try Digest.ofFile(descriptor, path: path)
            guard sha256 == file.sha256, size == file.size else {
                throw JobFailure(.rejected, message: "The file \(file.name) is not what was uploaded.")
            }
            found.append([
                "name": .string(file.name), "mediaType": .string(MediaType.ofFile(descriptor)),
                "size": JSONValue(size), "sha256": .string(sha256),
            ])
        }
        return ["files": .array(found)]
    }

    private func countText(_ job: Job, _ inputs: [JobFile], run: RunDirectory) throws -> JSONObject {
        let made = "\(run.output)/text.txt"
        let input = job.files.firstIndex { $0 == inputs.first }.map { run.input($0, job.files[$0]) }
        guard let path = access(made, R_OK) == 0 ? made : input else { return [:] }
        var statistics = TextStatistics()
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { return [:] }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while case let count = read(descriptor, &buffer, buffer.count), count > 0 {
            statistics.add(buffer[..<count])
        }
        return statistics.json
    }
}

extension JobFailure: Error {}

/// Counts what people call the length of a text.
struct TextStatistics {
    private(set) var pages = 0
    private(set) var words = 0
    private(set) var characters = 0
    private var isInWord = false

    /// Takes the next bytes of UTF-8, cut anywhere.
    mutating func add(_ bytes: some Sequence<UInt8>) {
        for byte in bytes {
            switch byte {
            // A form feed ends each page of a text that was made of pages.
            case 0x0C:
                pages += 1
                isInWord = false
            case 0x20, 0x09, 0x0A, 0x0D, 0x0B: isInWord = false
            default:
                if !isInWord { words += 1 }
                isInWord = true
            }
            // Bytes that continue a character are not counted.
            if byte & 0xC0 != 0x80, byte != 0x0C { characters += 1 }
        }
    }

    /// Without `pages` when the text has none.
    var json: JSONObject {
        var json: JSONObject = ["words": JSONValue(words), "characters": JSONValue(characters)]
        if pages > 0 { json["pages"] = JSONValue(pages) }
        return json
    }
}
