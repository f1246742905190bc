#!/usr/bin/env bash
# Make the reference values of the R scripts here anew, and hold them against tests/reference:
#
#   validation/metafor/regenerate.sh OUT_DIR [NAME ...]
#
# NAME is a script without its ending; all without one. JOBS scripts run at once (2 unless set).
# On Debian: apt-get install r-base-core r-cran-metafor r-cran-metadat r-cran-lme4
#   r-cran-biasedurn r-cran-clubsandwich r-cran-jsonlite r-cran-numderiv r-cran-statmod
#   r-cran-survival
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
root=$(cd "$here/../.." && pwd)
if (($# < 1)); then
  sed -n '2,10s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
  exit 2
fi
mkdir -p "$1"
out=$(cd "$1" && pwd)
shift

names=("$@")
if ((${#names[@]} == 0)); then
  for script in "$here"/*.R; do names+=("$(basename "$script" .R)"); done
fi
for name in "${names[@]}"; do
  [[ -f $here/$name.R ]] || { echo "there is no $name.R" >&2; exit 2; }
done

export OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 LC_ALL=C.UTF-8 TZ=UTC
make_one() {
  local start=$SECONDS
  # A script is started by its bare name, as the "command" that the files record has it.
  if (cd "$2" && Rscript --vanilla "$1.R" "$3/r_$1.json") >"$3/$1.log" 2>&1; then
    echo "$1.R: $((SECONDS - start)) s"
  else
    echo "$1.R failed:" >&2
    cat "$3/$1.log" >&2
    return 1
  fi
}
export -f make_one
printf '%s\n' "${names[@]}" | xargs -P "${JOBS:-2}" -I '{}' bash -c 'make_one "$@"' _ '{}' "$here" "$out"

python=$root/.venv/bin/python
[[ -x $python ]] || python=python3
"$python" "$here/../same.py" "$out" "$root/tests/reference" "${names[@]}"
