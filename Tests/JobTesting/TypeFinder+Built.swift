package import JobFiles

extension TypeFinder {
    /// One that has the built `jobd` look at files, as the services have themselves.
    package static var built: TypeFinder { TypeFinder(executable: BuiltPrograms.jobd) }
}
