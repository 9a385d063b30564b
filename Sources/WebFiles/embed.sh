# embed.sh FOLDER OUTPUT: a Swift file with the texts of all files of a folder, and of jobd.js, which is made of them.
set -eu
bundle=$(cd "$(dirname "$0")" && pwd)/bundle.sh
cd "$1"
{
    echo '/// The files of Sources/Web by their paths there, as they were when the executable was built.'
    echo 'enum WebFiles {'
    echo '    static let all: [(path: String, text: String)] = ['
    find . -type f | LC_ALL=C sort | while read -r file; do
        printf '(path: "%s", text: ###"""\n' "${file#./}"
        cat "$file"
        # The last newline is the language's, not the text's.
        printf '\n"""###),\n'
    done
    echo '(path: "jobd.js", text: ###"""'
    sh "$bundle" .
    printf '\n"""###),\n'
    echo '    ]'
    echo '}'
} >"$2"
