import Glibc
import JSON
import JobDaemon
import JobFiles
import JobModel
import JobProcessing
import JobSystem
import JobWire

/// How the daemon sees its surroundings, for `jobctl doctor`: facts, which the doctor judges.
struct Inspection {
    let area: FilesArea
    let reload: Reload

    /// The members of `server.inspect` but for `fronts`; blocks.
    func seen() -> JSONObject {
        let configuration = reload.configuration
        let space = area.space()
        return [
            "version": .string(Build.version), "now": JSONValue(SystemClock().now),
            "storage": [
                "directory": .string(area.directory), "mode": .string(mode), "freeBytes": JSONValue(space.free),
                "totalBytes": JSONValue(space.total), "minimumFreeBytes": JSONValue(configuration.minimumFreeBytes),
            ],
            "openFiles": [
                "count": JSONValue(ProcessFigures.openDescriptorCount ?? 0),
                "limit": JSONValue(ProcessFigures.descriptorLimit),
            ],
            "programs": .array(programs(of: configuration)),
            "fastCGISocket": .string(configuration.front.socket),
            "configuration": reload.pending(),
        ]
    }

    private var mode: String {
        var status = stat()
        guard stat(area.directory, &status) == 0 else { return "" }
        return String(status.st_mode & 0o7777, radix: 8)
    }

    private func programs(of configuration: Configuration) -> [JSONValue] {
        configuration.live.pipelines.sorted { $0.key < $1.key }.flatMap { type, pipeline in
            pipeline.steps.flatMap { settings in
                settings.step.programs.map { program in
                    [
                        "pipeline": .string(type), "step": .string(settings.step.name), "program": .string(program),
                        "optional": .bool(settings.step.isOptional),
                        "found": .bool(ProgramPath.isExecutable(program)),
                    ]
                }
            }
        }
    }
}
