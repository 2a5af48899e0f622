#include "backends/cuda/symbols.hpp"

#include <cmath>
#include <cstdio>
#include <utility>

namespace meb::cuda {
namespace {

thread_local Expressions* current = nullptr;

std::string number_text(double x) {
  char text[40];
  std::snprintf(text, sizeof text, "F(%.17g)", x);
  return text;
}

std::string variable(std::int32_t node) {
  std::string text = "v";
  return text += std::to_string(node);
}

}  // namespace

Symbol::Symbol(double number) {
  if (number == 0) return;
  *this = current->make(Operation::number, {}, {}, std::fabs(number), "");
  negative = number < 0;
}

Symbol operator-(Symbol a) {
  a.negative = a.node != 0 && !a.negative;
  return a;
}

Symbol operator-(Symbol a, Symbol b) { return a + -b; }

Symbol operator+(Symbol a, Symbol b) {
  if (a.node == 0) return b;
  if (b.node == 0) return a;
  if (a.node == b.node && a.negative != b.negative) return {};
  if (a.node > b.node) std::swap(a, b);
  // a is positive: (-a) + b = -(a - b)
  const bool negative = a.negative;
  if (negative) a = -a, b = -b;
  const Symbol sum = current->make(Operation::sum, a, b, 0, "");
  return negative ? -sum : sum;
}

Symbol operator*(Symbol a, Symbol b) {
  if (a.node == 0 || b.node == 0) return {};
  const bool negative = a.negative != b.negative;
  a.negative = b.negative = false;
  if (a.node > b.node) std::swap(a, b);
  const Symbol product = current->is(a, 1) ? b : current->is(b, 1) ? a : current->make(Operation::product, a, b, 0, "");
  return negative ? -product : product;
}

Expressions::Expressions() : before_(std::exchange(current, this)) {
  nodes_.push_back({Operation::number, {}, {}, 0, ""});
}

Expressions::~Expressions() { current = before_; }

Symbol Expressions::input(const std::string& text) { return make(Operation::input, {}, {}, 0, text); }

Symbol Expressions::function(const std::string& name, Symbol argument) {
  return make(Operation::function, argument, {}, 0, name);
}

Symbol Expressions::make(Operation operation, Symbol a, Symbol b, double number, const std::string& text) {
  // signs of the first operand were pulled out but for functions'
  const bool negative = operation == Operation::function ? a.negative : b.negative;
  const auto [at, is_new] =
      known_.try_emplace({operation, a.node, b.node, negative, number, text}, static_cast<std::int32_t>(nodes_.size()));
  if (is_new) nodes_.push_back({operation, a, b, number, text});
  Symbol x;
  x.node = at->second;
  return x;
}

bool Expressions::is(Symbol x, double number) const {
  const Node& n = node(x);
  return !x.negative && n.operation == Operation::number && n.number == number;
}

std::string Expressions::name(Symbol x) const {
  const Node& n = node(x);
  const std::string text = n.operation == Operation::number ? number_text(n.number) : variable(x.node);
  return (x.negative ? std::string("-") : std::string()).append(text);
}

std::string Expressions::write(Symbol x, std::string& statements) {
  written_.resize(nodes_.size());
  write_node(x.node, statements);
  return name(x);
}

void Expressions::write_node(std::int32_t node, std::string& statements) {
  const auto at = static_cast<std::size_t>(node);
  const Node& n = nodes_[at];
  if (n.operation == Operation::number || written_[at]) return;
  written_[at] = true;
  std::string value = n.text;
  if (n.operation != Operation::input) {
    write_node(n.a.node, statements);
    write_node(n.b.node, statements);
    if (n.operation == Operation::function) value.append("(").append(name(n.a)).append(")");
    if (n.operation == Operation::product) value = name(n.a) + " * " + name(n.b);
    if (n.operation == Operation::sum)
      value = name(n.a) + (n.b.negative ? " - " : " + ") + name(n.b.negative ? -n.b : n.b);
  }
  statements += "const F " + variable(node) + " = " + value + ";\n";
}

}  // namespace meb::cuda
