package import JSON
import JobModel

/// When a step runs; without conditions, always.
package struct StepCondition: Hashable, Sendable {
    /// Patterns such as `image/*`: the step is for the files that have such a type, and runs only if there is one.
    package var mediaTypes: [String]
    /// What earlier steps must have found, by the key of the result.
    package var results: [String: JSONValue]

    package init(mediaTypes: [String] = [], results: [String: JSONValue] = [:]) {
        self.mediaTypes = mediaTypes
        self.results = results
    }

    /// The files that the step is for, in their order.
    func files(of files: [WorkingFile]) -> [WorkingFile] {
        guard !mediaTypes.isEmpty else { return files }
        return files.filter { file in mediaTypes.contains { Self.pattern($0, matches: file.mediaType) } }
    }

    /// Whether everything was found; `find` answers what was, by key.
    func isMet(_ find: (String) -> JSONValue?) -> Bool { results.allSatisfy { find($0.key) == $0.value } }

    private static func pattern(_ pattern: String, matches mediaType: String) -> Bool {
        guard pattern.hasSuffix("/*") else { return pattern == mediaType || pattern == "*" }
        return mediaType.hasPrefix(pattern.dropLast())
    }
}
