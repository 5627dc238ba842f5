#!/usr/bin/env bash
# A walk through the API with curl, against a server that has the bot ECHO, as one without configuration has.
#
# bash examples/walk.sh [http://localhost:8000]
set -euo pipefail

server=${1:-http://localhost:8000}
api=$server/api/chat
json='Content-Type: application/json'
file=$(mktemp)
trap 'rm -f "$file" "$file.copy"' EXIT

# Says what is done, and prints and keeps the answer. When the server refuses, the walk ends with its problem.
step() {
  echo "--- $1"
  answer=$(curl --silent --show-error --fail-with-body "${@:2}") || { status=$?; echo "$answer" >&2; exit "$status"; }
  echo "$answer"
}

# The first field of this name in the answer.
field() {
  [[ $answer =~ \"$1\":\"?([^\",}]*) ]] && echo "${BASH_REMATCH[1]}"
}

step 'ana gets a session, and its token' -H "$json" -d '{"nickname": "ana"}' "$api/sessions/"
bearer="Authorization: Bearer $(field token)"

step 'She starts a conversation with a bot' -H "$bearer" -H "$json" -d '{"name": "Tea", "bots": ["ECHO"]}' "$api/conversations/"
tea=$api/conversations/$(field id)

step 'She says something' -H "$bearer" -H "$json" -d '{"type": "T", "text": "hello", "local_id": "l1"}' "$tea/messages/"

echo 'Boil water.' > "$file"
step 'She sends a file' -H "$bearer" -F type=A -F text='the recipe' -F "file=@$file;filename=recipe.txt" "$tea/messages/"
address=$(field file_url)
seq=$(field seq)

step 'She reads the first three messages; next is the address of those after them' -H "$bearer" "$tea/messages/?after=0&limit=3"

step 'She waits for what happens after her file: the bot answers' -H "$bearer" "$tea/events/?after=$seq&wait=30"

step 'She reads the file again' --output "$file.copy" "$server$address"
cmp "$file" "$file.copy"
cat "$file.copy"
