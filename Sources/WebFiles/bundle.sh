# bundle.sh FOLDER: prints jobd.js, the client and both elements in one module, made of the modules in a folder.
#
# Each module becomes a function that gives what it exports, after those that it imports. It reads the forms that these
# modules use: imports and exports on a line of their own, by name.
set -eu
cd "$1"
exec awk '
function fail(text) { print "bundle.sh: " text > "/dev/stderr"; failed = 1; exit 1 }

# The path of what a module imports: "./" and "../" steps from where it is.
function resolved(from, name,    parts, count, folder) {
    folder = from
    if (!sub(/\/[^\/]*$/, "", folder)) folder = ""
    while (match(name, /^\.\.?\//)) {
        if (substr(name, 1, 2) == "..") { if (!sub(/\/[^\/]*$/, "", folder)) folder = "" }
        name = substr(name, RLENGTH + 1)
    }
    return folder == "" ? name : folder "/" name
}

function variable(path) {
    gsub(/[^A-Za-z0-9]/, "_", path)
    return "$" path
}

# Prints a module after those that it imports.
function add(path,    line, lines, count, exports, names, from, i, status, inComment) {
    if (path in added) return
    added[path] = 1
    count = 0
    exports = ""
    while ((status = (getline line < path)) > 0) {
        if (line ~ /^import /) {
            if (line !~ /^import (\{[^}]*\} from )?"\.[^"]*";$/) fail(path ": cannot read: " line)
            from = line
            sub(/^.*"\./, ".", from)
            sub(/";$/, "", from)
            from = resolved(path, from)
            add(from)
            if (line !~ /\{/) continue
            names = line
            sub(/^import /, "", names)
            sub(/ from .*$/, "", names)
            lines[++count] = "const " names " = " variable(from) ";"
            continue
        }
        if (line ~ /^export \{ [A-Za-z, ]* \};$/) {
            names = line
            gsub(/^export \{ | \};$/, "", names)
            exports = exports ", " names
            continue
        }
        if (line ~ /^export /) {
            if (!match(line, /^export (async )?(class|function\*?|const|let) [A-Za-z0-9_$]+/)) fail(path ": cannot read: " line)
            names = substr(line, 1, RLENGTH)
            sub(/^.* /, "", names)
            exports = exports ", " names
            sub(/^export /, "", line)
        }
        # Comments are for those who read the modules.
        if (line ~ /^ *\/\/ /) continue
        if (line ~ /^ *\/\*\*/) inComment = 1
        if (inComment) {
            if (line ~ /\*\/$/) inComment = 0
            continue
        }
        # The worker is this same file, which the browser has already.
        if (!gsub(/new URL\("feed-worker\.js", import\.meta\.url\)/, "new URL(import.meta.url)", line))
            gsub(/import\.meta\.url/, "new URL(\"" path "\", import.meta.url)", line)
        lines[++count] = line
    }
    if (status < 0) fail("there is no " path)
    close(path)
    print "\n// " path "\nconst " variable(path) " = (() => {"
    for (i = 1; i <= count; i++) print lines[i]
    print "return { " substr(exports, 3) " };\n})();"
}

BEGIN {
    print "// SPDX-License-Identifier: Apache-2.0"
    print "/** The client of jobd and its elements in one module; made from the modules beside it, which are to be read and changed. */"
    add("client/feed-worker.js")
    add("job-status.js")
    add("job-upload.js")
    print "\nexport const { JobdClient, JobdError } = " variable("jobd-client.js") ";"
    print "export const { JobStatusElement } = " variable("job-status.js") ";"
    print "export const { JobUploadElement } = " variable("job-upload.js") ";"
}
'
