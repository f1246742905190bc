# Mantel-Haenszel and Peto: data of metadat, and tables drawn with a seed, which are synthetic.
# Usage: Rscript stratified.R <output.json>
suppressPackageStartupMessages({ library(metafor); library(metadat) })
output <- commandArgs(trailingOnly = TRUE)[1]
SEED <- 20240519

number <- function(x) {
  if (length(x) == 0) return("null")
  ifelse(is.na(x), "null", ifelse(is.infinite(x), ifelse(x > 0, "\"Inf\"", "\"-Inf\""),
                                  sprintf("%.17g", x)))
}
vec <- function(x) paste0("[", paste(number(as.numeric(x)), collapse = ", "), "]")
txt <- function(x) paste0("\"", x, "\"")
obj <- function(x) paste0("{", paste0("\"", names(x), "\": ", x, collapse = ", "), "}")

values <- function(r) list(estimate = number(c(r$beta)), se = number(r$se),
  zval = number(r$zval), pval = number(r$pval), ci_lb = number(r$ci.lb), ci_ub = number(r$ci.ub),
  QE = number(r$QE), QEp = number(r$QEp), I2 = number(r$I2), H2 = number(r$H2),
  k = number(r$k), k_yi = number(r$k.yi))

fits <- function(D) {
  out <- list(data = obj(lapply(D, vec)))
  measures <- if (is.null(D$t1i)) c("OR", "RR", "RD") else c("IRR", "IRD")
  for (m in measures) {
    for (correct in if (m %in% c("OR", "IRR")) c(TRUE, FALSE) else TRUE) {
      r <- suppressWarnings(do.call(rma.mh, c(D, list(measure = m, correct = correct, level = 90))))
      one <- c(values(r), list(weights = vec(weights(r))))
      if (m %in% c("OR", "IRR")) one <- c(one, list(CMH = number(r$MH), CMHp = number(r$MHp)))
      if (m == "OR") one <- c(one, list(tarone = number(r$TA), tarone_p = number(r$TAp),
        breslow_day = number(r$BD), breslow_day_p = number(r$BDp)))
      out[[if (correct) m else paste0(m, "_uncorrected")]] <- obj(one)
    }
  }
  if (is.null(D$t1i)) {
    r <- suppressWarnings(do.call(rma.peto, c(D, list(level = 90))))
    out$peto <- obj(c(values(r), list(weights = vec(weights(r)))))
  }
  obj(out)
}

two <- function(d) list(ai = d$ai, n1i = d$n1i, ci = d$ci, n2i = d$n2i)
rates <- function(d) list(x1i = d$x1i, t1i = d$t1i, x2i = d$x2i, t2i = d$t2i)
bcg <- with(dat.bcg, list(ai = tpos, n1i = tpos + tneg, ci = cpos, n2i = cpos + cneg))
y <- dat.yusuf1985
sets <- list(bcg = bcg, nielweise2007 = two(dat.nielweise2007), hine1989 = two(dat.hine1989),
  nielweise2008 = rates(dat.nielweise2008), hart1999 = rates(dat.hart1999))
for (t in c("6", "9", "10", "11", "12a", "12b")) {
  d <- y[y$table == t & !is.na(y$ai + y$n1i + y$ci + y$n2i), ]
  if (nrow(d)) sets[[paste0("yusuf1985.", t)]] <- two(d)
}
set.seed(SEED)
for (at in 1:12) {
  k <- sample(2:20, 1)
  n1 <- sample(5:200, k, TRUE); n2 <- sample(5:200, k, TRUE)
  risk <- c(0.02, 0.1, 0.5, 0.95)[1 + at %% 4]
  sets[[paste0("synthetic.", at)]] <- list(ai = rbinom(k, n1, risk), n1i = n1,
    ci = rbinom(k, n2, min(0.98, 1.4 * risk)), n2i = n2)
  t1 <- round(runif(k, 10, 2000), 2); t2 <- round(runif(k, 10, 2000), 2)
  sets[[paste0("synthetic.rates.", at)]] <- list(x1i = rpois(k, 0.01 * t1), t1i = t1,
    x2i = rpois(k, 0.004 * t2), t2i = t2)
}
out <- lapply(sets, fits)
version <- function(p) txt(as.character(packageVersion(p)))
source <- obj(list(r_version = txt(as.character(getRversion())), metafor = version("metafor"),
  metadat = version("metadat"), seed = number(SEED),
  command = txt("Rscript validation/metafor/stratified.R tests/reference/r_stratified.json")))
writeLines(paste0("{\"source\": ", source, ",\n\"sets\": {\n",
  paste0("\"", names(out), "\": ", out, collapse = ",\n"), "\n}}"), output)
