#!/usr/bin/env Rscript
# Effect sizes and sampling variances of metafor's escalc, for evsyn.stats.effect_sizes.
#
#   Rscript effects.R OUTPUT.json
#
# Data: sets of the package metadat; Morris (2008, Organizational Research Methods 11:364-386,
# table 5) for change; tables and summaries drawn here with a seed, or written out, are called
# synthetic: they are numbers to compute with and describe no study.

suppressMessages({library(metafor); library(metadat)})
options(warn = -1)
args <- commandArgs(trailingOnly = TRUE)
if (length(args) != 1) stop("usage: Rscript effects.R OUTPUT.json")

number <- function(x) {
  text <- sprintf("%.17g", x)
  short <- sprintf("%.15g", x)
  same <- is.finite(x) & as.numeric(short) == x
  text[same] <- short[same]
  text[!is.finite(x)] <- "null"
  text
}
quoted <- function(x) paste0("\"", x, "\"")
json <- function(x) {
  if (is.list(x) && length(x) == 0) return("{}")
  if (is.list(x)) {
    inner <- vapply(x, json, "")
    if (is.null(names(x))) return(paste0("[", paste(inner, collapse = ",\n"), "]"))
    return(paste0("{", paste0(quoted(names(x)), ":", inner, collapse = ","), "}"))
  }
  if (is.character(x)) return(quoted(x))
  if (is.logical(x)) return(if (x) "true" else "false")
  if (inherits(x, "AsIs") || length(x) != 1) return(paste0("[", paste(number(x), collapse = ","), "]"))
  number(x)
}

# escalc's names by evsyn's
NAMES <- list(
  arms = c(events_e = "ai", n_e = "n1i", events_c = "ci", n_c = "n2i"),
  pairs = c(both = "ai", only_e = "bi", only_c = "ci", neither = "di"),
  arm = c(events = "xi", n = "ni"),
  rates = c(events_e = "x1i", time_e = "t1i", events_c = "x2i", time_c = "t2i"),
  rate = c(events = "xi", time = "ti"),
  groups = c(mean_e = "m1i", sd_e = "sd1i", n_e = "n1i", mean_c = "m2i", sd_c = "sd2i", n_c = "n2i"),
  group = c(mean = "mi", sd = "sdi", n = "ni"),
  # after less before: metafor's first occasion is the second in time
  change = c(mean_post = "m1i", mean_pre = "m2i", sd_post = "sd1i", sd_pre = "sd2i", n = "ni", r = "ri"),
  # standardised by the spread before, which escalc takes from sd1i
  raw = c(mean_post = "m1i", mean_pre = "m2i", sd_pre = "sd1i", n = "ni", r = "ri"),
  correlation = c(r = "ri", n = "ni"))

CASES <- list()
DATA <- list()
case <- function(about, kind, measures, data, ...) {
  options <- list(...)
  for (measure in measures) {
    call <- c(list(measure = measure), setNames(data[names(NAMES[[kind]])], NAMES[[kind]]), options)
    e <- suppressWarnings(do.call(escalc, call))
    yi <- as.vector(e$yi); vi <- as.vector(e$vi)
    yi[is.na(vi)] <- NA; vi[is.na(yi)] <- NA
    CASES[[length(CASES) + 1]] <<- list(measure = measure, data = about, options = options, yi = I(yi), vi = I(vi))
  }
  DATA[[about]] <<- lapply(data[names(NAMES[[kind]])], I)
}

ARMS <- c("RR", "OR", "RD", "AS", "PETO"); PAIRS <- c("MPRR", "MPOR", "MPRD", "MPORC")
ARM <- c("PR", "PLN", "PLO", "PAS", "PFT"); RATES <- c("IRR", "IRD", "IRSD"); RATE <- c("IR", "IRLN", "IRS")
GROUPS <- c("MD", "SMD", "SMDH", "SMD1", "ROM", "VR", "CVR")

d <- dat.bcg
case("dat.bcg", "arms", ARMS, list(events_e = d$tpos, n_e = d$tpos + d$tneg, events_c = d$cpos, n_c = d$cpos + d$cneg))
d <- dat.nielweise2007
catheters <- list(events_e = d$ai, n_e = d$n1i, events_c = d$ci, n_c = d$n2i)
d <- dat.pritz1997; case("dat.pritz1997", "arm", ARM, list(events = d$xi, n = d$ni))
d <- dat.debruin2009; case("dat.debruin2009", "arm", ARM, list(events = d$xi, n = d$ni))
d <- dat.hart1999
case("dat.hart1999", "rates", RATES, list(events_e = d$x1i, time_e = d$t1i, events_c = d$x2i, time_c = d$t2i))
case("dat.hart1999, warfarin", "rate", RATE, list(events = d$x1i, time = d$t1i))
d <- dat.nielweise2008
infections <- list(events_e = d$x1i, time_e = d$t1i, events_c = d$x2i, time_c = d$t2i)
infections1 <- list(events = d$x1i, time = d$t1i)

synthetic <- list(events_e = c(4, 0, 0, 5, 9, 0, 7), n_e = c(10, 8, 9, 5, 9, 6, 31),
                  events_c = c(3, 2, 0, 7, 12, 3, 20), n_c = c(12, 9, 9, 7, 12, 9, 29))
tables <- list(both = c(59, 5, 0, 0, 3, 0, 9, 794), only_e = c(6, 0, 4, 0, 2, 0, 0, 86),
               only_c = c(16, 3, 2, 0, 0, 5, 0, 150), neither = c(80, 9, 7, 9, 4, 4, 0, 570))
alone <- list(events = c(0, 3, 10, 1, 7), n = c(10, 10, 10, 1, 400))
rates <- list(events_e = c(3, 0, 0, 12), time_e = c(10, 20.5, 5, 100), events_c = c(4, 2, 0, 9), time_c = c(9, 8.25, 7, 80))
for (to in c("only0", "all", "if0all", "none")) for (drop00 in c(FALSE, TRUE)) {
  case("dat.nielweise2007", "arms", c("RR", "AS"), catheters, to = to, drop00 = drop00)
  case("dat.nielweise2008", "rates", RATES, infections, to = to, drop00 = drop00)
  case("synthetic tables", "arms", ARMS, synthetic, to = to, drop00 = drop00)
  case("synthetic pairs", "pairs", PAIRS, tables, to = to, drop00 = drop00)
  case("synthetic rates", "rates", RATES, rates, to = to, drop00 = drop00)
}
for (to in c("only0", "all", "if0all", "none")) {
  case("synthetic arms", "arm", ARM, alone, to = to)
  case("dat.nielweise2008, first arm", "rate", RATE, infections1, to = to)
  for (add in c(0.25, 0.5)) {
    case("synthetic tables", "arms", ARMS, synthetic, add = add, to = to)
    case("synthetic pairs", "pairs", PAIRS, tables, add = add, to = to)
    case("synthetic arms", "arm", ARM, alone, add = add, to = to)
    case("synthetic rates", "rates", RATES, rates, add = add, to = to)
    case("dat.nielweise2008, first arm", "rate", RATE, infections1, add = add, to = to)
  }
}

for (name in c("dat.normand1999", "dat.gibson2002", "dat.curtis1998")) {
  d <- get(name)
  case(name, "groups", GROUPS, list(mean_e = d$m1i, sd_e = d$sd1i, n_e = d$n1i, mean_c = d$m2i, sd_c = d$sd2i, n_c = d$n2i))
  case(paste(name, "first group"), "group", c("MN", "MNLN"), list(mean = d$m1i, sd = d$sd1i, n = d$n1i))
}
for (name in c("dat.mcdaniel1994", "dat.molloy2014", "dat.crede2010")) {
  d <- get(name)
  case(name, "correlation", c("COR", "UCOR", "ZCOR"), list(r = d$ri, n = d$ni))
}
case("synthetic correlations", "correlation", c("COR", "UCOR", "ZCOR"),
     list(r = c(0, 1e-6, -1e-3, 0.02, -0.5, 0.99, -0.999999, 0.3, 0.3, 0.7, 0, 0.9),
          n = c(10, 5, 6, 7, 8, 9, 30, 1000, 1e6, 5, 4, 4)))

treated <- list(mean_pre = c(30.6, 23.5, 0.5, 53.4, 35.6), mean_post = c(38.5, 26.8, 0.7, 75.9, 36.0),
  sd_pre = c(15.0, 3.1, 0.1, 14.5, 4.7), sd_post = c(11.6, 4.1, 0.1, 4.4, 4.6),
  n = c(20, 50, 9, 10, 14), r = c(.47, .64, .77, .89, .44))
case("Morris 2008, treated", "change", c("MC", "SMCC", "ROMC"), treated)
case("Morris 2008, treated, spread before", "raw", "SMCR", treated)
set.seed(20)
m <- 40
change <- list(mean_pre = round(runif(m, 1, 50), 2), mean_post = round(runif(m, 1, 50), 2), sd_pre = round(runif(m, .1, 9), 2),
  sd_post = round(runif(m, .1, 9), 2), n = sample(3:5000, m), r = round(runif(m, -.9, .99), 2))
case("synthetic change, seed 20", "change", c("MC", "SMCC", "ROMC"), change)
case("synthetic change, seed 20, spread before", "raw", "SMCR", change)
wide <- list(mean_e = round(runif(m, 1, 50), 2), sd_e = round(runif(m, .1, 9), 2), n_e = sample(3:5000, m),
  mean_c = round(runif(m, 1, 50), 2), sd_c = round(runif(m, .1, 9), 2), n_c = sample(3:40, m, replace = TRUE))
case("synthetic groups, seed 20", "groups", GROUPS, wide)

back <- list()
inverse <- function(measure, f, value, ...) back[[length(back) + 1]] <<- list(measure = measure, value = I(value), natural = I(f(value, ...)), ...)
grid <- c(-3, -0.5, 0, 0.001, 0.4, 1, 2.5)
for (measure in c("RR", "PLN", "IRLN", "ROMC", "VR")) inverse(measure, exp, grid)
inverse("PLO", transf.ilogit, c(-800, grid, 800)); inverse("PAS", transf.iarcsin, grid)
inverse("IRS", transf.isqrt, grid); inverse("ZCOR", transf.ztor, grid)
arcsines <- c(-.1, .01, .05, .1, .2, .5, .78, pi / 4, 1, 1.4, 1.45, 1.5, 1.6, 2)
for (n in list(10, 1, c(10, 20, 400), dat.pritz1997$ni, c(5, 100000))) {
  back[[length(back) + 1]] <- list(measure = "PFT", value = I(arcsines), n = I(n),
    natural = I(transf.ipft.hm(arcsines, targs = list(ni = n))))
}

version <- function(p) as.character(packageVersion(p))
text <- json(list(
  source = list(generator = "validation/metafor/effects.R", command = "Rscript effects.R OUTPUT.json",
    r_version = paste(R.version$major, R.version$minor, sep = "."),
    packages = list(metafor = version("metafor"), metadat = version("metadat"))),
  data = DATA, cases = CASES, back = back))
writeLines(text, args[1], useBytes = TRUE)
cat(length(CASES), "cases\n")
