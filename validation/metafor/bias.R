# Reference values for the small-study effects, from R: Rscript bias.R <output.json>
#
# metafor gives the regression, rank, trim-and-fill and fail-safe values, and checks those of the
# excess significance test, which are integrated here; lm() gives Harbord's and Peters' tests and PET-PEESE, from the formulas of the papers; the
# p-curve is written out here with pbeta, pchisq and uniroot.
suppressMessages(library(metafor))
tight <- list(threshold = 1e-13, maxiter = 10000)
out <- commandArgs(trailingOnly = TRUE)[1]
if (is.na(out)) stop("name the output file")

# ---------------------------------------------------------------- JSON, 17 significant digits
num <- function(x) ifelse(is.na(x), "null", ifelse(is.infinite(x), sprintf("\"%s\"", ifelse(x > 0, "Inf", "-Inf")),
  sapply(x, function(v) { s <- format(v, digits = 15); if (is.na(v) || as.numeric(s) != v) sprintf("%.17g", v) else s })))
json <- function(x, pad = "") {
  inner <- paste0(pad, " ")
  if (is.null(x)) return("null")
  if (is.list(x)) {
    parts <- vapply(x, json, "", pad = inner)
    if (!is.null(names(x))) {
      parts <- paste0("\"", names(x), "\": ", parts)
      return(paste0("{\n", inner, paste(parts, collapse = paste0(",\n", inner)), "\n", pad, "}"))
    }
    return(paste0("[\n", inner, paste(parts, collapse = paste0(",\n", inner)), "\n", pad, "]"))
  }
  text <- if (is.character(x)) paste0("\"", x, "\"") else if (is.logical(x)) ifelse(is.na(x), "null", tolower(x)) else num(x)
  if (length(x) == 1 && !inherits(x, "AsIs")) text else paste0("[", paste(text, collapse = ", "), "]")
}

# ---------------------------------------------------------------- the data sets
counts <- function(d, a, n1, c, n2) as.data.frame(lapply(list(ai = d[[a]], n1i = d[[n1]], ci = d[[c]], n2i = d[[n2]]), as.numeric))
bcg <- with(dat.bcg, data.frame(ai = tpos + 0, n1i = tpos + tneg + 0, ci = cpos + 0, n2i = cpos + cneg + 0))
nielweise <- counts(dat.nielweise2007, "ai", "n1i", "ci", "n2i")
magnesium <- counts(dat.egger2001, "ai", "n1i", "ci", "n2i")
two <- function(measure, d) {
  e <- escalc(measure = measure, ai = ai, n1i = n1i, ci = ci, n2i = n2i, data = d)
  list(yi = as.vector(e$yi), vi = as.vector(e$vi), ni = d$n1i + d$n2i, counts = d)
}
pas <- escalc(measure = "PAS", xi = dat.pritz1997$xi, ni = dat.pritz1997$ni)
curtis <- escalc(measure = "ROM", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i, data = dat.curtis1998)
normand <- escalc(measure = "SMD", m1i = m1i, sd1i = sd1i, n1i = n1i, m2i = m2i, sd2i = sd2i, n2i = n2i, data = dat.normand1999)
sets <- list(
  bcg_RR = two("RR", bcg),
  nielweise2007_OR = two("OR", nielweise),
  egger2001_OR = two("OR", magnesium),
  hackshaw1998 = list(yi = dat.hackshaw1998$yi, vi = dat.hackshaw1998$vi, ni = NULL),
  pritz1997_PAS = list(yi = as.vector(pas$yi), vi = as.vector(pas$vi), ni = dat.pritz1997$ni),
  curtis1998_ROM = list(yi = as.vector(curtis$yi), vi = as.vector(curtis$vi), ni = curtis$n1i + curtis$n2i),
  normand1999_SMD = list(yi = as.vector(normand$yi), vi = as.vector(normand$vi), ni = normand$n1i + normand$n2i))

# ---------------------------------------------------------------- asymmetry
line <- function(y, x, w, limit = TRUE) {
  fit <- lm(y ~ x, weights = w); s <- summary(fit)$coefficients; ci <- confint(fit)
  list(estimate = s[2, 1], se = s[2, 2], statistic = s[2, 3], p_value = s[2, 4], df = fit$df.residual,
       limit = s[1, 1], limit_se = s[1, 2], limit_p = s[1, 4], limit_ci_lb = ci[1, 1], limit_ci_ub = ci[1, 2])
}
mixed <- function(d, x, method, test) {
  fit <- rma(d$yi, d$vi, mods = ~x, method = method, test = test, control = tight)
  list(method = method, test = test, estimate = fit$beta[2], se = fit$se[2], statistic = fit$zval[2], p_value = fit$pval[2],
       tau2 = fit$tau2, limit = fit$beta[1], limit_ci_lb = fit$ci.lb[1], limit_ci_ub = fit$ci.ub[1])
}
predictors <- function(d) {
  x <- list(sei = sqrt(d$vi), vi = d$vi)
  if (!is.null(d$ni)) x <- c(x, list(ni = d$ni, ninv = 1 / d$ni, sqrtni = sqrt(d$ni), sqrtninv = 1 / sqrt(d$ni)))
  x
}
regressions <- function(d) lapply(predictors(d), function(x) c(list(lm = line(d$yi, x, 1 / d$vi)),
  list(rma = unname(Map(function(m, t) mixed(d, x, m, t), c("REML", "REML", "DL", "EE"), c("z", "knha", "z", "z"))))))
ranks <- function(d) { r <- ranktest(d$yi, d$vi); list(tau = as.vector(r$tau), p_value = r$pval) }

# ---------------------------------------------------------------- trim and fill
fills <- function(d) {
  res <- list()
  for (method in c("REML", "DL", "EE")) {
    fit <- rma(d$yi, d$vi, method = method, control = tight)
    for (estimator in c("L0", "R0", "Q0")) for (side in c("auto", "left", "right")) {
      args <- list(fit, estimator = estimator, control = tight)
      if (side != "auto") args$side <- side
      t <- try(suppressWarnings(do.call(trimfill, args)), silent = TRUE)
      if (inherits(t, "try-error")) next
      res[[length(res) + 1]] <- list(method = method, estimator = estimator, asked = side, side = t$side, k0 = t$k0,
        k0_se = t$se.k0, p_value = if (estimator == "R0") t$p.k0 else NA, estimate = t$beta[1], se = t$se,
        ci_lb = t$ci.lb, ci_ub = t$ci.ub, tau2 = t$tau2)
    }
  }
  res
}

# ---------------------------------------------------------------- fail-safe N, excess significance
failsafe <- function(d) {
  one <- function(name, ...) { f <- fsn(d$yi, d$vi, ...); list(method = name, n = f$fsnum, p_value = f$pval, estimate = f$meanes, target = f$target) }
  mean <- mean(d$yi)
  list(one("rosenthal"), one("rosenthal", alpha = .1), one("orwin", type = "Orwin"),
       one("orwin", type = "Orwin", target = .1), one("orwin_weighted", type = "Orwin", target = .1, weighted = TRUE),
       one("rosenberg", type = "Rosenberg"), one("rosenberg", type = "Rosenberg", alpha = .01))
}
# tes() with tau2 integrates to 4 digits only: here the integral is done to 1e-12, the tests with it
power_of <- function(v, theta, tau2) vapply(v, function(vi) {
  given <- function(x) pnorm(qnorm(.975), x / sqrt(vi), lower.tail = FALSE) + pnorm(-qnorm(.975), x / sqrt(vi))
  if (tau2 == 0) return(given(theta))
  integrate(function(u) given(theta + sqrt(tau2) * u) * dnorm(u), -12, 12, rel.tol = 1e-12, subdivisions = 1000)$value }, 0)
excess_p <- function(O, power, test, side) {
  k <- length(power); E <- min(k, sum(power))
  if (test == "chi2") { z <- if (O == E) 0 else (O - E) / sqrt(E * (k - E) / k)
    return(switch(side, greater = pnorm(z, lower.tail = FALSE), less = pnorm(z), two.sided = 2 * pnorm(-abs(z)))) }
  if (test == "binom") return(binom.test(O, k, min(1, E / k), alternative = side)$p.value)
  law <- 1; for (q in power) law <- c(law * (1 - q), 0) + c(0, law * q)
  switch(side, greater = sum(law[(O + 1):(k + 1)]), less = sum(law[1:(O + 1)]), two.sided = sum(law[law <= law[O + 1] * (1 + 1e-7)]))
}
excess <- function(d) {
  res <- list(); y <- d$yi; v <- d$vi; k <- length(y); O <- sum(abs(y / sqrt(v)) >= qnorm(.975))
  for (model in c("EE", "REML")) for (test in c("chi2", "binom", "exact")) for (side in c("greater", "less", "two.sided")) {
    fit <- rma(y, v, method = model, control = tight)
    theta <- as.vector(fit$beta); tau2 <- if (model == "EE") 0 else fit$tau2
    power <- power_of(v, theta, tau2); p <- excess_p(O, power, test, side); limit <- NA; own <- NULL
    if (test != "exact" || k <= 14) own <- suppressWarnings(tes(y, v, theta = theta, tau2 = tau2, test = test, tes.alternative = side, progbar = FALSE)$pval)
    if (!is.null(own) && abs(own - p) > 1e-4 * p) stop("tes disagrees: ", own, " against ", p)
    start <- excess_p(O, power_of(v, 0, tau2), test, side) - .1
    if (side != "two.sided" && (start < 0) == (side == "greater")) {
      f <- function(x) excess_p(O, power_of(v, x, tau2), test, side) - .1
      far <- sign(theta) * median(sqrt(v + tau2)); n <- 0
      while (f(far) * start > 0 && n < 20) { far <- 2 * far; n <- n + 1 }
      if (f(far) * start <= 0) limit <- uniroot(f, sort(c(0, far)), tol = 1e-14, maxiter = 1000)$root
    }
    res[[length(res) + 1]] <- list(method = model, test = test, alternative = side, observed = O, expected = sum(power),
      p_value = p, estimate = theta, tau2 = tau2, power = I(power), limit = limit)
  }
  res
}

# ---------------------------------------------------------------- tests from counts
from_counts <- function(d) {
  a <- d$ai; n1 <- d$n1i; c <- d$ci; n2 <- d$n2i; n <- n1 + n2; m <- a + c
  z <- a - n1 * m / n; v <- n1 * n2 * m * (n - m) / (n^2 * (n - 1)); ok <- v > 0
  or <- escalc(measure = "OR", ai = a, n1i = n1, ci = c, n2i = n2)$yi
  w <- 1 / (1 / m + 1 / (n - m))
  zz <- (z / sqrt(v))[ok]; root <- sqrt(v)[ok]; s <- summary(lm(zz ~ root))$coefficients
  list(harbord = list(estimate = s[1, 1], se = s[1, 2], statistic = s[1, 3], p_value = s[1, 4], limit = s[2, 1], k = sum(ok)),
       peters = c(line(or[ok], (1 / n)[ok], w[ok]), k = sum(ok)))
}

# ---------------------------------------------------------------- p-curve
# upper tails as Poisson mixtures of central ones: 1 - pf(..., ncp) has few digits where it is small
tail <- function(x, df1, df2, ncp) {
  j <- 0:200; w <- dpois(j, ncp / 2)
  if (is.infinite(df2)) sum(w * pchisq(x, df1 + 2 * j, lower.tail = FALSE))
  else sum(w * pbeta(df1 * x / (df2 + df1 * x), df1 / 2 + j, df2 / 2, lower.tail = FALSE))
}
quant <- function(p, df1, df2) if (is.infinite(df2)) qchisq(p, df1, lower.tail = FALSE) else qf(p, df1, df2, lower.tail = FALSE)
ncp_of <- function(power, df1, df2) if (power <= .05) 0 else
  uniroot(function(l) tail(quant(.05, df1, df2), df1, df2, l) - power, c(0, 100), tol = 1e-13, maxiter = 2000)$root
curve <- function(kind, value, df1, df2) {
  x <- ifelse(kind == "r", df2 * value^2 / (1 - value^2), ifelse(kind %in% c("z", "t"), value^2, value))
  df2 <- ifelse(kind %in% c("z", "chi2"), Inf, df2)
  central <- function(i) if (is.infinite(df2[i])) pchisq(x[i], df1[i], lower.tail = FALSE) else pf(x[i], df1[i], df2[i], lower.tail = FALSE)
  p <- vapply(seq_along(x), central, 0)
  i <- which(p < .05); h <- which(p < .025)
  st <- function(z) { s <- sum(z) / sqrt(length(z)); list(z = s, p_value = pnorm(s)) }
  dev <- function(i, power, bound) vapply(i, function(j) { l <- ncp_of(power, df1[j], df2[j])
    -qnorm(tail(x[j], df1[j], df2[j], l) / tail(quant(bound, df1[j], df2[j]), df1[j], df2[j], l)) }, 0)
  share <- vapply(i, function(j) 3 * tail(quant(.025, df1[j], df2[j]), df1[j], df2[j], ncp_of(1 / 3, df1[j], df2[j])), 0)
  law <- 1; for (q in share) law <- c(law * (1 - q), 0) + c(0, law * q)
  at <- function(goal) { f <- function(pw) st(dev(i, pw, .05))$z - goal
    if (f(.05) <= 0) .05 else if (f(.99) >= 0) .99 else uniroot(f, c(.05, .99), tol = 1e-13, maxiter = 1000)$root }
  list(kind = I(kind), value = I(value), df1 = I(df1), df2 = I(df2), p = I(p), k_significant = length(i), k_half = length(h),
       right_skew = st(qnorm(p[i] / .05)), right_skew_half = st(qnorm(p[h] / .025)),
       right_skew_binomial = pbinom(length(h) - 1, length(i), .5, lower.tail = FALSE),
       flatness = st(dev(i, 1 / 3, .05)), flatness_half = st(dev(h, 1 / 3, .025)), flatness_binomial = sum(law[1:(length(h) + 1)]),
       power = at(0), power_ci_lb = at(qnorm(.95)), power_ci_ub = at(-qnorm(.95)))
}
curves <- list(
  mixed_synthetic = curve(c("t", "r", "F", "F", "z", "chi2", "r", "chi2", "t"), c(2.1, .246, 9.1, 4.45, 3.45, 9.1, .47, 8.74, 1.2),
    c(1, 1, 1, 2, 1, 1, 1, 2, 1), c(88, 147, 100, 210, Inf, Inf, 77, Inf, 30)),
  flat_synthetic = curve(rep("t", 5), c(2.05, 2.1, 2.3, -2.2, 2.02), rep(1, 5), c(60, 45, 30, 100, 88)),
  strong_synthetic = curve(c("t", "F", "F", "chi2"), c(9, 60, 25, 70), c(1, 1, 3, 4), c(40, 80, 60, Inf)),
  bcg_RR = with(sets$bcg_RR, curve(rep("z", 13), yi / sqrt(vi), rep(1, 13), rep(Inf, 13))))

# ---------------------------------------------------------------- all
analyses <- lapply(sets, function(d) {
  res <- list(yi = I(d$yi), vi = I(d$vi))
  if (!is.null(d$ni)) res$ni <- I(as.numeric(d$ni))
  res <- c(res, list(regression = regressions(d), rank = ranks(d), trim_and_fill = fills(d), failsafe = failsafe(d), excess = excess(d)))
  if (!is.null(d$counts)) res <- c(res, list(counts = lapply(d$counts, function(x) I(as.numeric(x)))), from_counts(d$counts))
  res
})
source <- list(r_version = R.version.string, metafor = as.character(packageVersion("metafor")), metadat = as.character(packageVersion("metadat")),
  command = "Rscript validation/metafor/bias.R tests/reference/r_bias.json",
  data = "metadat: dat.bcg dat.nielweise2007 dat.egger2001 dat.hackshaw1998 dat.pritz1997 dat.curtis1998 dat.normand1999; p-curves named synthetic are made up")
writeLines(json(list(source = source, analyses = analyses, p_curves = curves)), out)
