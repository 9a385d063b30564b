import Foundation
import PackagePlugin

/// Makes a Swift file of the files in Sources/Web and of their bundle, so that the executable carries them.
///
/// SwiftPM keeps the list of files until this or the package's description changes: a build folder that was made before a
/// file came or went is told so by a change here.
@main
struct WebFiles: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let web = context.package.directoryURL.appending(path: "Sources/Web")
        let script = context.package.directoryURL.appending(path: "Sources/WebFiles/embed.sh")
        let bundle = context.package.directoryURL.appending(path: "Sources/WebFiles/bundle.sh")
        let output = context.pluginWorkDirectoryURL.appending(path: "WebFiles.swift")
        let files =
            FileManager.default.enumerator(at: web, includingPropertiesForKeys: nil)?
            .compactMap { $0 as? URL }
            .filter { !$0.hasDirectoryPath } ?? []
        return [
            .buildCommand(
                displayName: "Embedding Sources/Web", executable: URL(filePath: "/bin/sh"),
                arguments: [script.path, web.path, output.path], inputFiles: [script, bundle] + files,
                outputFiles: [output])
        ]
    }
}
