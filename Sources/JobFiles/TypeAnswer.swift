import Glibc
import JobModel
import JobSystem

/// What ``TypeExec`` says of a file: a media type, or which call failed before the file was looked at.
struct TypeAnswer {
    /// Longer than any line of it.
    static let maximumBytes = 512

    let result: Result<String, SystemError>

    init(_ result: Result<String, SystemError>) { self.result = result }

    /// Nil when the line is not what ``line`` gives: a file may have had its say in it.
    init?(line: String) {
        let words = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        if words.count == 1, StepWord.isMediaType(words[0]) {
            result = .success(words[0])
        } else if words.count == 2, let errno = CInt(words[1]) {
            result = .failure(SystemError(words[0], errno: errno))
        } else {
            return nil
        }
    }

    var line: String {
        switch result {
        case .success(let type): type
        case .failure(let error): "\(error.call) \(error.errno)"
        }
    }
}
