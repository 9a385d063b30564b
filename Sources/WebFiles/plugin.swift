import Foundation
import PackagePlugin

/// Makes a Swift file of the files in Sources/Web, of their bundle and of the articles, so that the executable carries them.
///
/// SwiftPM keeps the list of files until this or the package's description changes: a build folder that was made before a
/// file came or went is told so by a change here.
@main
struct WebFiles: BuildToolPlugin {
    func createBuildCommands(context: PluginContext, target: any Target) throws -> [Command] {
        let web = context.package.directoryURL.appending(path: "Sources/Web")
        let script = context.package.directoryURL.appending(path: "Sources/WebFiles/embed.sh")
        let bundle = context.package.directoryURL.appending(path: "Sources/WebFiles/bundle.sh")
        let articles = context.package.directoryURL.appending(path: "Sources/jobd/jobd.docc")
        let output = context.pluginWorkDirectoryURL.appending(path: "WebFiles.swift")
        let files = [web, articles].flatMap { folder in
            FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)?
                .compactMap { $0 as? URL }
                .filter { !$0.hasDirectoryPath } ?? []
        }
        return [
            .buildCommand(
                displayName: "Embedding the web files", executable: URL(filePath: "/bin/sh"),
                arguments: [script.path, web.path, articles.path, output.path], inputFiles: [script, bundle] + files,
                outputFiles: [output])
        ]
    }
}
